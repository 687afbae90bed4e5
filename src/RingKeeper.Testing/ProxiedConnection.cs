using System.Net;
using System.Net.Sockets;

namespace RingKeeper.Testing;

/// <summary>One connection of a client through a <see cref="TcpProxy"/>.</summary>
internal sealed class ProxiedConnection(Socket client) : IDisposable
{
    private const int BufferSize = 16 * 1024;

    private static readonly TimeSpan PauseBeforeRetry = TimeSpan.FromMilliseconds(20);

    private Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _cut = new();
    private volatile bool _closesInOrder;

    /// <summary>Forwards until both sides have closed or the connection is cut; resets both sides on any error.</summary>
    public async Task RunAsync(EndPoint target, TimeSpan patience, ProxyDirection toServer, ProxyDirection toClient)
    {
        try
        {
            client.NoDelay = true;
            await ConnectAsync(target, patience).ConfigureAwait(false);
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
        if (_cut.IsCancellationRequested && !_closesInOrder)
        {
            // Lingering for no time makes the close a reset, as a crashed machine or a dropped route would show.
            client.LingerState = new LingerOption(true, 0);
            _server.LingerState = new LingerOption(true, 0);
        }

        client.Dispose();
        _server.Dispose();
    }

    private async Task ConnectAsync(EndPoint target, TimeSpan patience)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await _server.ConnectAsync(target, _cut.Token).ConfigureAwait(false);
                return;
            }
            catch (SocketException) when (TimeProvider.System.GetElapsedTime(start) < patience)
            {
                _server.Dispose();
                _server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await Task.Delay(PauseBeforeRetry, TimeProvider.System, _cut.Token).ConfigureAwait(false);
            }
        }
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

    private async ValueTask<int> SendPieceAsync(Socket destination, ReadOnlyMemory<byte> came, int offset, ProxyDirection direction, CancellationToken cancellationToken)
    {
        var manner = direction.Manner;
        if (manner.Delay is { } delay)
        {
            await Task.Delay(delay(), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        var (count, end) = direction.Allow(Math.Min(came.Length - offset, manner.LengthAt(offset)));
        var piece = came.Slice(offset, count);
        while (!piece.IsEmpty)
        {
            piece = piece[await destination.SendAsync(piece, cancellationToken).ConfigureAwait(false)..];
        }

        if (end is not null)
        {
            _closesInOrder = end == ProxyEnd.Close;
            Cut();
            throw new OperationCanceledException(_cut.Token);
        }

        return count;
    }

    private async Task ForwardAsync(Socket source, Socket destination, ProxyDirection direction, CancellationToken cancellationToken)
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
                sent += await SendPieceAsync(destination, buffer.AsMemory(0, count), sent, direction, cancellationToken).ConfigureAwait(false);
            }
        }

        await direction.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        destination.Shutdown(SocketShutdown.Send);
    }

    private static bool IsBroken(Exception e) => e is SocketException or OperationCanceledException or ObjectDisposedException;
}
