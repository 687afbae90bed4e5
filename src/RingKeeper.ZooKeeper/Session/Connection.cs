using System.Net.Sockets;
using System.Runtime.CompilerServices;
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
internal sealed partial class Connection : IThreadPoolWorkItem, IDisposable
{
    private const int BatchLength = 64 * 1024;
    private readonly Stream _stream;
    private readonly FrameReader _reader;
    private readonly IConnectionOwner _owner;
    private readonly SessionTiming _timing;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _dropped = new();
    private readonly CancellationToken _droppedToken;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;
    private readonly Finished _finished = new();
    private readonly Action _received;
    private readonly WriteGate _writing = new();

    // Held from reading the state to setting the timer, lest an older view of the state be the last to set it.
    private readonly Lock _scheduling = new();

    // Used by whoever holds the writing.
    private FrameWriter _batch = new();
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _receiving;

    // At most one ping is due or unanswered.
    private volatile PingState _ping;
    private long _pingSentAt;
    private long _lastHeard;
    private long _lastSent;
    private long _lastAnsweredSend;

    // When the last reply came or, if that is later, the ping that waits for one became due.
    private long _lastAnswer;
    private string? _dropReason;

    public Connection(Stream stream, FrameReader reader, IConnectionOwner owner, ServerAddress server, SessionTiming timing, TimeProvider time)
    {
        (_stream, _reader, _owner, Server, _timing, _time) = (stream, reader, owner, server, timing, time);
        Touches = new TouchLog(time, timing.Timeout);
        _droppedToken = _dropped.Token;
        _received = OnReceived;
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

    /// <summary>Whether the server has lost its quorum.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Cancelled when it ends.</summary>
    public CancellationToken Ended => _droppedToken;

    /// <summary>When what was answered had been sent, and when its answer came.</summary>
    public TouchLog Touches { get; }

    /// <summary>When the last bytes came, as a timestamp.</summary>
    public long LastHeard => Interlocked.Read(ref _lastHeard);

    /// <summary>When the last request or ping that was answered had been sent, as a timestamp.</summary>
    public long LastAnsweredSend
    {
        get => Interlocked.Read(ref _lastAnsweredSend);
        set => Interlocked.Exchange(ref _lastAnsweredSend, value);
    }

    /// <summary>Why it ended.</summary>
    public string DropReason => _dropReason ?? "it is alive";

    /// <summary>How the server broke the protocol, or null.</summary>
    public Exception? Violation { get; private set; }

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
        Wake();
        Read(isStart: true);
        try
        {
            await _ended.Task.ConfigureAwait(false);
        }
        finally
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stream.Dispose();
        _dropped.Dispose();
    }

    // Whatever ends a loop ends the connection. A defect ends the client too, after the other loop.
    private void End(Exception exception)
    {
        switch (exception)
        {
            case OperationCanceledException or ObjectDisposedException when _droppedToken.IsCancellationRequested:
                // Drop has told the reason.
                break;
            case IOException or SocketException or ObjectDisposedException or OperationCanceledException or System.Security.Authentication.AuthenticationException:
                // A stream that is not a socket says so in other ways that it has ended.
                Drop(exception.Message);
                break;
            case JuteException or ProtocolViolationException:
                Violation = exception;
                Drop(exception.Message);
                break;
            default:
                Drop(exception.Message);
                _ended.TrySetException(exception);
                break;
        }
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
