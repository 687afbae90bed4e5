using System.Net;
using System.Net.Sockets;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Recipes;

/// <summary>Carries bytes over TCP until it is told to swallow what the client writes from then on, as a network does that has lost its other side.</summary>
internal sealed class SwallowingTransport : IZooKeeperTransport
{
    private volatile TaskCompletionSource? _swallowed;
    private volatile Action _cut = static () => { };

    public async ValueTask<Stream> ConnectAsync(DnsEndPoint server, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException(e.Message, e);
        }

        var stream = new SwallowingStream(socket, this);
        _cut = stream.Cut;
        return stream;
    }

    /// <summary>Returns what completes when the client has written something that is swallowed.</summary>
    public Task Swallow() => (_swallowed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Breaks the connection; the next one carries everything again.</summary>
    public void Cut()
    {
        _swallowed = null;
        _cut();
    }

    private sealed class SwallowingStream(Socket socket, SwallowingTransport owner) : NetworkStream(socket, ownsSocket: true)
    {
        private bool _isDeaf;

        public void Cut() => Socket.Shutdown(SocketShutdown.Both);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (owner._swallowed is { } swallowed)
            {
                _isDeaf = true;
                swallowed.TrySetResult();
            }

            if (!_isDeaf)
            {
                await base.WriteAsync(buffer, cancellationToken);
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (owner._swallowed is { } swallowed)
            {
                _isDeaf = true;
                swallowed.TrySetResult();
            }

            if (!_isDeaf)
            {
                base.Write(buffer);
            }
        }
    }
}
