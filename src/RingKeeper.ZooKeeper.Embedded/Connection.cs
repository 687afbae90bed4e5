using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>One TCP connection: cuts the stream into frames for the executor and sends what the executor hands back, which never waits for it.</summary>
internal sealed class Connection : IWatcher, IDisposable
{
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly EmbeddedZooKeeperOptions _options;
    private readonly CancellationTokenSource _lifetime;
    private readonly Channel<ReadOnlyMemory<byte>> _outgoing = Channel.CreateUnbounded<ReadOnlyMemory<byte>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<Identity> _identities = [];
    private readonly VersionRules _rules;
    private long _unsentBytes;
    private volatile Session? _session;

    private Connection(Socket socket, EmbeddedZooKeeperOptions options)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _options = options;
        _rules = new VersionRules(options.EmulatedVersion);
        _lifetime = new CancellationTokenSource(Timeout.InfiniteTimeSpan, options.TimeProvider);
        Peer = socket.RemoteEndPoint;
        if (Peer is IPEndPoint { Address: var address })
        {
            _identities.Add(new Identity("ip", (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()));
        }
    }

    public EndPoint? Peer { get; }

    /// <summary>Takes over a socket; null when its client is gone already.</summary>
    public static Connection? TryOpen(Socket socket, EmbeddedZooKeeperOptions options)
    {
        try
        {
            return new Connection(socket, options);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            options.Logger.ConnectionEnded(null, exception.Message);
            socket.Dispose();
            return null;
        }
    }

    /// <summary>The session once the handshake is done.</summary>
    public Session? Session
    {
        get => _session;
        set => _session = value;
    }

    /// <summary>True once the executor has let go of the connection: requests still queued from it are dropped. Owned by the executor.</summary>
    public bool IsDetached { get; set; }

    /// <summary>The identities shown so far: the address, then what was proved by auth. Owned by the executor.</summary>
    public IReadOnlyList<Identity> Identities => _identities;

    public void AddIdentity(Identity identity)
    {
        if (!_identities.Contains(identity))
        {
            _identities.Add(identity);
        }
    }

    /// <summary>Reads and writes until either side ends the connection.</summary>
    public async Task RunAsync(IConnectionHandler handler)
    {
        var writing = WriteAsync();
        var reason = "the client closed it";
        try
        {
            await ReadAsync(handler).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException or JuteException)
        {
            reason = exception.Message;
        }

        _options.Logger.ConnectionEnded(Peer, reason);
        await handler.DisconnectedAsync(this).ConfigureAwait(false);
        await writing.ConfigureAwait(false);
    }

    /// <summary>Queues a whole frame, length included. A client that has not read for too long loses its connection instead.</summary>
    public void Send(ReadOnlyMemory<byte> frame)
    {
        var unsent = Interlocked.Add(ref _unsentBytes, frame.Length);
        if (unsent > _options.MaxUnsentBytes && unsent > frame.Length)
        {
            if (_outgoing.Writer.TryComplete())
            {
                _options.Logger.ConnectionDropped(Peer, $"the client left {unsent} bytes unread");
                Abort();
            }

            return;
        }

        _outgoing.Writer.TryWrite(frame);
    }

    public void Notify(TreeChange change)
    {
        if (change.IsVisibleTo(_identities))
        {
            Send(Frames.Notification(change, _rules));
        }
    }

    /// <summary>Sends what is queued, for a bounded time, and then closes.</summary>
    public void CloseAfterFlush()
    {
        if (_outgoing.Writer.TryComplete())
        {
            _lifetime.CancelAfter(LingerTime);
        }
    }

    /// <summary>Closes at once. May be called again, and after the connection is disposed of.</summary>
    public void Abort()
    {
        _outgoing.Writer.TryComplete();
        try
        {
            _lifetime.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself meanwhile.
        }

        _stream.Dispose();
    }

    public void Dispose()
    {
        Abort();
        _lifetime.Dispose();
    }

    private async Task ReadAsync(IConnectionHandler handler)
    {
        var reader = PipeReader.Create(_stream);
        var first = true;
        while (true)
        {
            var result = await reader.ReadAsync(_lifetime.Token).ConfigureAwait(false);
            var buffer = result.Buffer;
            if (first && FourLetterWords.TryTake(buffer, out var word))
            {
                await handler.ReceivedWordAsync(this, word).ConfigureAwait(false);
                return;
            }

            while (TryTakeFrame(ref buffer, out var frame))
            {
                first = false;
                await handler.ReceivedAsync(this, frame).ConfigureAwait(false);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private bool TryTakeFrame(ref ReadOnlySequence<byte> buffer, out byte[] frame)
    {
        frame = [];
        if (buffer.Length < sizeof(int))
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[sizeof(int)];
        buffer.Slice(0, sizeof(int)).CopyTo(prefix);
        var length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        if (length < 0 || length > _options.MaxFrameLength)
        {
            throw new JuteException($"a frame of {length} bytes is outside 0..{_options.MaxFrameLength}");
        }

        if (buffer.Length < sizeof(int) + length)
        {
            return false;
        }

        frame = buffer.Slice(sizeof(int), length).ToArray();
        buffer = buffer.Slice(sizeof(int) + length);
        return true;
    }

    private async Task WriteAsync()
    {
        var batch = new ArrayBufferWriter<byte>();
        try
        {
            while (await _outgoing.Reader.WaitToReadAsync(_lifetime.Token).ConfigureAwait(false))
            {
                while (batch.WrittenCount < 64 * 1024 && _outgoing.Reader.TryRead(out var frame))
                {
                    batch.Write(frame.Span);
                }

                await _stream.WriteAsync(batch.WrittenMemory, _lifetime.Token).ConfigureAwait(false);
                Interlocked.Add(ref _unsentBytes, -batch.WrittenCount);
                batch.ResetWrittenCount();
            }

            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            _options.Logger.ConnectionEnded(Peer, exception.Message);
        }

        // Wakes the reading side; without a writing side the connection is of no use.
        Abort();
    }
}
