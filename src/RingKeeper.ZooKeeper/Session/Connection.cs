using System.Net.Sockets;
using System.Threading.Channels;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>What a connection asks of the session it carries.</summary>
internal interface IConnectionOwner
{
    /// <summary>Appends the frames that wait to be written.</summary>
    void Fill(Connection connection, FrameWriter batch, int enough);

    /// <summary>Takes a frame that is neither handshake nor ping.</summary>
    void OnFrame(Connection connection, ReplyHeader header, ref JuteReader body);
}

/// <summary>One connection after its handshake: reads, writes in batches, pings when idle, gives up when nothing is heard.</summary>
internal sealed class Connection : IDisposable
{
    private const int BatchLength = 64 * 1024;
    private readonly Stream _stream;
    private readonly FrameReader _reader;
    private readonly IConnectionOwner _owner;
    private readonly SessionTiming _timing;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _dropped = new();

    // Wakes the writer; holds at most one token. Channels run continuations on the thread pool.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ITimer _timer;

    // Held from reading the state to setting the timer, lest an older view of the state be the last to set it.
    private readonly Lock _scheduling = new();

    // At most one ping is due or unanswered.
    private volatile PingState _ping;
    private long _lastHeard;
    private long _lastSent;

    // When the last reply came or, if that is later, the ping that waits for one became due.
    private long _lastAnswer;
    private string? _dropReason;
    private long _pingSent;

    public Connection(Stream stream, FrameReader reader, IConnectionOwner owner, ServerAddress server, SessionTiming timing, TimeProvider time)
    {
        (_stream, _reader, _owner, Server, _timing, _time) = (stream, reader, owner, server, timing, time);
        Touches = new TouchLog(time, timing.Timeout);
        EstablishedAt = _lastHeard = _lastSent = _lastAnswer = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((Connection)state!).OnTimer(), this, timing.PingInterval, Timeout.InfiniteTimeSpan);
    }

    private enum PingState
    {
        None,
        Due,
        Unanswered,
    }

    public ServerAddress Server { get; }

    public long EstablishedAt { get; }

    /// <summary>When what was answered had been sent.</summary>
    public TouchLog Touches { get; }

    /// <summary>When the last bytes came, as a timestamp.</summary>
    public long LastHeard => Interlocked.Read(ref _lastHeard);

    /// <summary>Why it ended.</summary>
    public string DropReason => _dropReason ?? "it is alive";

    /// <summary>How the server broke the protocol, or null.</summary>
    public Exception? Violation { get; private set; }

    /// <summary>There is something to write. Never blocks.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Ends the connection. Safe under the session's lock: what follows runs elsewhere.</summary>
    public void Drop(string reason)
    {
        if (Interlocked.CompareExchange(ref _dropReason, reason, null) is null)
        {
            _ = _dropped.CancelAsync();
        }
    }

    /// <summary>Carries frames until the connection ends, for whatever reason but a defect.</summary>
    public async Task RunAsync()
    {
        await Task.WhenAll(GuardAsync(ReadLoopAsync()), GuardAsync(WriteLoopAsync())).ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _stream.Dispose();
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stream.Dispose();
        _dropped.Dispose();
    }

    private async Task GuardAsync(Task loop)
    {
        try
        {
            await loop.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_dropped.IsCancellationRequested)
        {
            // Drop has told the reason.
        }
        catch (IOException exception)
        {
            Drop(exception.Message);
        }
        catch (Exception exception) when (exception is JuteException or ProtocolViolationException)
        {
            Violation = exception;
            Drop(exception.Message);
        }
        catch (Exception exception)
        {
            // A defect: it must end the other loop too before it ends the client.
            Drop(exception.Message);
            throw;
        }
    }

    private async Task ReadLoopAsync()
    {
        do
        {
            Interlocked.Exchange(ref _lastHeard, _time.GetTimestamp());
            TakeFrames();
        }
        while (await _reader.ReceiveAsync(_dropped.Token).ConfigureAwait(false));

        Drop("the server closed it");
    }

    private void TakeFrames()
    {
        while (!_dropped.IsCancellationRequested && _reader.TryTake(out var frame))
        {
            try
            {
                TakeFrame(frame);
            }
            catch (Exception exception) when (exception is not (JuteException or ProtocolViolationException))
            {
                // Whatever a server sends may cost its connection, never the client.
                throw new ProtocolViolationException($"A frame of {frame.Length} bytes could not be taken in: {exception.Message}", exception);
            }
        }
    }

    private void TakeFrame(ReadOnlySpan<byte> frame)
    {
        var body = new JuteReader(frame);
        var header = ReplyHeader.Read(ref body);
        if (header.Xid != SpecialXid.Notification)
        {
            Interlocked.Exchange(ref _lastAnswer, LastHeard);
        }

        if (header.Xid == SpecialXid.Ping)
        {
            Touches.Note(Interlocked.Read(ref _pingSent));
            _ping = PingState.None;
            Schedule();
        }
        else
        {
            _owner.OnFrame(this, header, ref body);
        }
    }

    private async Task WriteLoopAsync()
    {
        var batch = new FrameWriter();
        while (true)
        {
            FillBatch(batch);
            if (batch.Length == 0)
            {
                await _wake.Reader.ReadAsync(_dropped.Token).ConfigureAwait(false);
                continue;
            }

            await SendAsync(batch.Written).ConfigureAwait(false);
            Interlocked.Exchange(ref _lastSent, _time.GetTimestamp());
            if (batch.Length > 2 * BatchLength)
            {
                // One large request should not hold its buffer for the life of the connection.
                batch = new FrameWriter();
            }
        }
    }

    private void FillBatch(FrameWriter batch)
    {
        batch.Clear();
        if (_dropped.IsCancellationRequested)
        {
            // What is not taken now was never sent and waits for the next connection.
            return;
        }

        if (_ping == PingState.Due)
        {
            Interlocked.Exchange(ref _pingSent, _time.GetTimestamp());
            _ping = PingState.Unanswered;
            batch.BeginFrame();
            new RequestHeader(SpecialXid.Ping, OpCode.Ping).Write(batch);
            batch.EndFrame();
        }

        _owner.Fill(this, batch, BatchLength);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes, _dropped.Token).ConfigureAwait(false);
        await _stream.FlushAsync(_dropped.Token).ConfigureAwait(false);
    }

    private void OnTimer()
    {
        if (_time.GetElapsedTime(LastHeard) >= _timing.ReadTimeout)
        {
            Drop($"nothing was heard for {_timing.ReadTimeout}");
            return;
        }

        // A server may go on to send events, or parts of a frame, and yet serve nobody.
        if (_ping != PingState.None && _time.GetElapsedTime(Interlocked.Read(ref _lastAnswer)) >= _timing.ReadTimeout)
        {
            Drop($"no ping was answered for {_timing.ReadTimeout}");
            return;
        }

        if (_ping == PingState.None && _time.GetElapsedTime(Interlocked.Read(ref _lastSent)) >= _timing.PingInterval)
        {
            Interlocked.Exchange(ref _lastAnswer, _time.GetTimestamp());
            _ping = PingState.Due;
            Wake();
        }

        Schedule();
    }

    private void Schedule()
    {
        lock (_scheduling)
        {
            var due = _timing.ReadTimeout - _time.GetElapsedTime(LastHeard);
            var ping = _ping == PingState.None
                ? _timing.PingInterval - _time.GetElapsedTime(Interlocked.Read(ref _lastSent))
                : _timing.ReadTimeout - _time.GetElapsedTime(Interlocked.Read(ref _lastAnswer));
            due = ping < due ? ping : due;

            // Timers count in whole milliseconds; one that fires early would only be set again.
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(due.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
        }
    }
}
