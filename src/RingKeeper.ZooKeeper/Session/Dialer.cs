using System.Net;
using System.Net.Sockets;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Reaches one server: resolves, connects, shakes hands.</summary>
internal sealed class Dialer(int maxFrameLength, Random random, TimeProvider time)
{
    /// <summary>Finds the addresses of a server. The order is random, so that no dead address stands first for ever.</summary>
    public async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(ServerAddress server, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(server.Host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(server.Host, cancellationToken).ConfigureAwait(false);
        random.Shuffle(addresses);
        return addresses.Length > 0
            ? [.. addresses.Select(address => new IPEndPoint(address, server.Port))]
            : throw new SocketException((int)SocketError.HostNotFound);
    }

    public static async ValueTask<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Asks for a session. The reader goes on with whatever follows the answer.</summary>
    /// <exception cref="SilentCloseException">The server closed the connection instead of answering.</exception>
    /// <exception cref="SessionRefusedException">The server answered with an error.</exception>
    public async Task<Handshake> ShakeHandsAsync(Stream stream, ConnectRequest request, CancellationToken cancellationToken)
    {
        var writer = new FrameWriter(64);
        writer.BeginFrame();
        request.Write(writer);
        writer.EndFrame();
        var askedAt = time.GetTimestamp();
        try
        {
            await stream.WriteAsync(writer.Written, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            var reader = new FrameReader(stream, maxFrameLength);
            while (await reader.ReceiveAsync(cancellationToken).ConfigureAwait(false))
            {
                if (TryRead(reader, out var response))
                {
                    return new Handshake(response, reader, askedAt);
                }
            }
        }
        catch (IOException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown })
        {
            // A close that overtakes our bytes shows as a reset.
        }

        throw new SilentCloseException();
    }

    private static bool TryRead(FrameReader reader, out ConnectResponse response)
    {
        if (!reader.TryTake(out var frame))
        {
            response = default;
            return false;
        }

        var body = new JuteReader(frame);
        if (frame.Length == ReplyHeader.Length)
        {
            // A server without a quorum answers the wish for a new session as if it were any write (ReadOnlyRequestProcessor of 3.8).
            var header = ReplyHeader.Read(ref body);
            throw new SessionRefusedException(
                header.Error == ZooKeeperErrorCode.NotReadOnly
                    ? "the server has lost its quorum and opens no new session; set localSessionsEnabled=true on it to allow that"
                    : $"the server answered the connect request with {header.Error}");
        }

        response = ConnectResponse.Read(ref body);
        return true;
    }
}

/// <summary>The answer to a connect request, the reader behind it, and when it was asked for.</summary>
internal readonly record struct Handshake(ConnectResponse Response, FrameReader Reader, long AskedAt);

/// <summary>The server took the connection and closed it without a word: it knows only an older state, allows no more clients, or is not serving.</summary>
internal sealed class SilentCloseException() : Exception("the server closed the connection without answering the connect request");
