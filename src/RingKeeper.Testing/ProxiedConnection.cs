using System.Net;
using System.Net.Sockets;

namespace RingKeeper.Testing;

/// <summary>One connection of a client through a <see cref="TcpProxy"/>.</summary>
internal sealed class ProxiedConnection(Socket client) : IDisposable
{
    private const int BufferSize = 16 * 1024;

    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _cut = new();

    /// <summary>Forwards until both sides have closed or the connection is cut; resets both sides on any error.</summary>
    public async Task RunAsync(EndPoint target, ProxyDirection toServer, ProxyDirection toClient)
    {
        try
        {
            client.NoDelay = true;
            await _server.ConnectAsync(target, _cut.Token).ConfigureAwait(false);
            await Task.WhenAll(
                ForwardOrCutAsync(client, _server, toServer),
                ForwardOrCutAsync(_server, client, toClient)).ConfigureAwait(false);
        }
        catch (Exception e) when (IsBroken(e))
        {
            Cut();
        }
        finally
        {
            Dispose();
        }
    }

    public void Cut() => _cut.Cancel();

    public void Dispose()
    {
        if (_cut.IsCancellationRequested)
        {
            // Lingering for no time makes the close a reset, as a crashed machine or a dropped route would show.
            client.LingerState = new LingerOption(true, 0);
            _server.LingerState = new LingerOption(true, 0);
        }

        client.Dispose();
        _server.Dispose();
    }

    private async Task ForwardOrCutAsync(Socket source, Socket destination, ProxyDirection direction)
    {
        try
        {
            await ForwardAsync(source, destination, direction, _cut.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsBroken(e))
        {
            Cut();
        }
    }

    private static async Task ForwardAsync(Socket source, Socket destination, ProxyDirection direction, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        int count;
        while ((count = await source.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            await direction.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);

            // Counted before they leave, so that whoever has the answer also sees the count.
            direction.Add(count);
            for (var sent = 0; sent < count;)
            {
                sent += await destination.SendAsync(buffer.AsMemory(sent, count - sent), cancellationToken).ConfigureAwait(false);
            }
        }

        await direction.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        destination.Shutdown(SocketShutdown.Send);
    }

    private static bool IsBroken(Exception e) => e is SocketException or OperationCanceledException or ObjectDisposedException;
}
