using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Embedded.InProcess;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>One connection, by TCP or in this process: cuts the stream into frames for the executor and sends what the executor hands back, which never waits for it.</summary>
internal sealed class Connection : IWatcher, IDisposable
{
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly Action _endWriting;
    private readonly ServerFaults _faults;
    private readonly EmbeddedZooKeeperOptions _options;
    private readonly CancellationTokenSource _lifetime;
    private readonly Channel<ReadOnlyMemory<byte>> _outgoing = Channel.CreateUnbounded<ReadOnlyMemory<byte>>(new UnboundedChannelOptions { SingleReader = true });

    // Kept back by a fault. Owned by the executor, as all below.
    private List<ReadOnlyMemory<byte>>? _held;
    private IReadOnlyList<Identity> _identities = [];
    private readonly VersionRules _rules;
    private long _unsentBytes;
    private bool _trickles;
    private volatile Session? _session;

    private Connection(Stream stream, EndPoint? peer, Action endWriting, RequestProcessor home, EmbeddedZooKeeperOptions options, ServerFaults faults)
    {
        (_stream, Peer, _endWriting, Home, _options, _faults) = (stream, peer, endWriting, home, options, faults);
        _rules = new VersionRules(options.EmulatedVersion);
        _lifetime = new CancellationTokenSource(Timeout.InfiniteTimeSpan, options.TimeProvider);
        if (peer is IPEndPoint { Address: var address })
        {
            _identities = [new Identity("ip", (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString())];
        }
    }

    public EndPoint? Peer { get; }

    /// <summary>The server, or the follower of it, that the connection leads to.</summary>
    public RequestProcessor Home { get; }

    /// <summary>Takes over a socket; null when its client is gone already.</summary>
    public static Connection? TryOpen(Socket socket, RequestProcessor home, EmbeddedZooKeeperOptions options, ServerFaults faults)
    {
        try
        {
            socket.NoDelay = true;
            return new Connection(new NetworkStream(socket, ownsSocket: true), socket.RemoteEndPoint, () => socket.Shutdown(SocketShutdown.Send), home, options, faults);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            options.Logger.ConnectionEnded(null, exception.Message);
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Takes over an end of a connection inside this process, whose client has the loopback address.</summary>
    public static Connection Open(InProcessStream stream, RequestProcessor home, EmbeddedZooKeeperOptions options, ServerFaults faults) =>
        new(stream, new IPEndPoint(IPAddress.Loopback, 0), stream.EndWriting, home, options, faults);

    /// <summary>The session once the handshake is done.</summary>
    public Session? Session
    {
        get => _session;
        set => _session = value;
    }

    /// <summary>True once the executor has let go of the connection: requests still queued from it are dropped. Owned by the executor.</summary>
    public bool IsDetached { get; set; }

    /// <summary>True once the session has moved away by script: the next request ends the connection.</summary>
    public bool IsMoved { get; set; }

    /// <summary>True while a write waits for a leader that is out of reach: what comes behind it waits too.</summary>
    public bool IsStuck { get; set; }

    /// <summary>While true, nothing that is sent leaves.</summary>
    public bool IsMuted { get; set; }

    /// <summary>Whether what is sent leaves byte by byte. Set by the executor, read by the writer.</summary>
    public bool Trickles
    {
        get => Volatile.Read(ref _trickles);
        set => Volatile.Write(ref _trickles, value);
    }

    /// <summary>The identities shown so far: the address, then what was proved by auth. Owned by the executor.</summary>
    public IReadOnlyList<Identity> Identities => _identities;

    public void AddIdentity(Identity identity)
    {
        if (!_identities.Contains(identity))
        {
            _identities = [.. _identities, identity];
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
        if (IsMuted)
        {
            return;
        }

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

        if (_faults.Holds(Session))
        {
            (_held ??= []).Add(frame);
            return;
        }

        _outgoing.Writer.TryWrite(frame);
    }

    /// <summary>Sends what a fault has kept back, unless another one still does.</summary>
    public void ReleaseHeld()
    {
        if (_held is null || _faults.Holds(Session))
        {
            return;
        }

        foreach (var frame in _held)
        {
            _outgoing.Writer.TryWrite(frame);
        }

        _held = null;
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

            while (Frames.TryTake(ref buffer, _options.MaxFrameLength, out var frame))
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

                await WriteAsync(batch.WrittenMemory).ConfigureAwait(false);
                Interlocked.Add(ref _unsentBytes, -batch.WrittenCount);
                batch.ResetWrittenCount();
            }

            _endWriting();
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            _options.Logger.ConnectionEnded(Peer, exception.Message);
        }

        // Wakes the reading side; without a writing side the connection is of no use.
        Abort();
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var most = Trickles ? 1 : _faults.PieceLength;
            var piece = most == 0 || most > bytes.Length ? bytes : bytes[..most];
            await _stream.WriteAsync(piece, _lifetime.Token).ConfigureAwait(false);
            bytes = bytes[piece.Length..];
        }
    }
}
