using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>
/// Accepts connections. Between two spells of listening it keeps the port bound, so that whoever connects is refused and the system
/// gives the port to nobody who asks for any free one. A socket that asks for this very port can still take it, if it may reuse addresses.
/// </summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 512;

    // A lack of descriptors or memory does not pass at once, and asking again and again would use up a processor.
    private static readonly TimeSpan PauseAfterFailures = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _logger;

    // Bound or listening; null when the port is let go.
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;
    private CancellationTokenSource _stop = new();

    public Listener(IPEndPoint endPoint, ILogger logger)
    {
        _logger = logger;
        _socket = Bind(endPoint);
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint EndPoint { get; }

    /// <exception cref="SocketException">The port was let go and is taken.</exception>
    public void Start(Action<Socket> accepted)
    {
        _socket ??= Bind(EndPoint);
        Listen(_socket);
        _stop.Dispose();
        _stop = new CancellationTokenSource();
        _accepting = AcceptAsync(_socket, accepted, _stop.Token);
        _logger.Listening(EndPoint);
    }

    /// <summary>Accepts nobody any more, and keeps the port or lets it go. May be called again.</summary>
    public async Task StopAsync(bool keepPort)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        if (_socket is { } socket)
        {
            EndListening(socket);
            socket.Dispose();
            _socket = null;
        }

        if (keepPort)
        {
            KeepPort();
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _stop.Dispose();
    }

    private void KeepPort()
    {
        try
        {
            _socket = Bind(EndPoint);
        }
        catch (SocketException exception)
        {
            // To stop is what counts. The next start tries once more, and fails if it must.
            _logger.PortLost(exception, EndPoint);
        }
    }

    private async Task AcceptAsync(Socket socket, Action<Socket> accepted, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var connection = await socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                failures = 0;
                HandOver(connection, accepted);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException exception)
            {
                // Mostly the client was gone before it was accepted; the next one must still get in.
                _logger.AcceptFailed(exception);
                if (++failures > 1)
                {
                    // By the system's clock: the options' clock may stand still, the lack does not depend on it.
                    await Task.Delay(PauseAfterFailures, TimeProvider.System, cancellationToken)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    private void HandOver(Socket connection, Action<Socket> accepted)
    {
        try
        {
            accepted(connection);
        }
        catch (Exception exception)
        {
            // One connection that cannot be served must not keep out all the others.
            _logger.AcceptFailed(exception);
            connection.Dispose();
        }
    }

    private static void Listen(Socket socket)
    {
        try
        {
            socket.Listen(Backlog);
        }
        catch (SocketException exception)
        {
            throw Unavailable((IPEndPoint)socket.LocalEndPoint!, exception);
        }
    }

    // A process that is being started holds a copy of every socket until it becomes another program. Closing ours would leave
    // that copy listening, and the port taken; a shutdown ends the listening of all copies.
    private static void EndListening(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.NotConnected)
        {
            // Only Linux shuts down sockets that listen; elsewhere closing has to do.
        }
    }

    private static Socket Bind(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw Unavailable(endPoint, exception);
        }
    }

    private static SocketException Unavailable(IPEndPoint endPoint, SocketException cause) => new(
        (int)cause.SocketErrorCode,
        $"The embedded ZooKeeper server cannot listen on {endPoint}: {cause.Message}. "
        + "Stop what uses the port, choose another one, or let the system choose with port 0; the address must be one of this machine.");
}
