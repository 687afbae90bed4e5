using Microsoft.Extensions.Logging;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>
/// What goes wrong between a client and its ensemble, by script: each fault strikes where the script says and nowhere else. A member of
/// <see cref="EmbeddedZooKeeperServer"/>; may be called from any thread.
/// </summary>
public sealed class ServerFaults
{
    private readonly EmbeddedZooKeeperServer _server;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<ScriptedFault> _waiting = [];
    private readonly List<string> _struck = [];
    private readonly List<HeldReplies> _held = [];
    private FaultPlan? _plan;
    private volatile int _pieceLength;

    // Lets the server pass by without the lock while nothing is scripted.
    private volatile bool _isArmed;
    private volatile bool _isHolding;

    internal ServerFaults(EmbeddedZooKeeperServer server, ILogger logger) => (_server, _logger) = (server, logger);

    /// <summary>Gets the faults that have struck, in order, each with its request; those of a random plan name its seed.</summary>
    public IReadOnlyList<string> Struck
    {
        get
        {
            lock (_gate)
            {
                return [.. _struck];
            }
        }
    }

    /// <summary>
    /// Gets or sets the most bytes the server writes at once (default: 0, no limit). With 1, every frame arrives byte by byte: whoever reads frames must not count on
    /// getting a whole one.
    /// </summary>
    public int PieceLength
    {
        get => _pieceLength;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _pieceLength = value;
        }
    }

    internal bool IsArmed => _isArmed;

    /// <summary>Carries the next matching request out and cuts the connection in place of the reply: its sender cannot know what became of it.</summary>
    /// <param name="matching">Which request; null for the next one that is no ping.</param>
    /// <returns>The fault, which tells when it has struck.</returns>
    public ScriptedFault LoseReply(Func<ServerRequest, bool>? matching = null) => Script(FaultKind.LoseReply, matching);

    /// <summary>Cuts the connection at the next matching request without carrying it out: to its sender it looks like a lost reply.</summary>
    /// <param name="matching">Which request; null for the next one that is no ping.</param>
    /// <returns>The fault, which tells when it has struck.</returns>
    public ScriptedFault LoseRequest(Func<ServerRequest, bool>? matching = null) => Script(FaultKind.LoseRequest, matching);

    /// <summary>Answers the next matching request and cuts the connection right behind the reply.</summary>
    /// <param name="matching">Which request; null for the next one that is no ping.</param>
    /// <returns>The fault, which tells when it has struck.</returns>
    public ScriptedFault CutBehindReply(Func<ServerRequest, bool>? matching = null) => Script(FaultKind.CutBehindReply, matching);

    /// <summary>
    /// Keeps back, from now on, whatever the server would send: replies, events and the answers to pings and handshakes. Requests are carried out meanwhile.
    /// </summary>
    /// <param name="sessionId">The session to be silent to, also on its next connections; null for everybody.</param>
    /// <returns>A task for what is kept back, to be released.</returns>
    public async Task<HeldReplies> HoldRepliesAsync(long? sessionId = null)
    {
        var held = new HeldReplies(sessionId, ReleaseAsync);
        await _server.InvokeAsync(() => Change(() => _held.Add(held))).ConfigureAwait(false);
        return held;
    }

    /// <summary>
    /// Lets the session move away unnoticed: its connection stays open, hears of nothing and is closed at its next request, pings included, which is not carried out.
    /// This is how a server treats a client that has moved to another one. Does nothing when the session has no connection.
    /// </summary>
    /// <param name="sessionId">The session.</param>
    /// <returns>A task that completes when it has moved.</returns>
    public Task MoveSessionAsync(long sessionId) => _server.InvokeAsync(() => _server.MoveSession(sessionId));

    /// <summary>
    /// Connects to the session a second time, as a client's twin would. The present connection is cut and what waits in its queue is not carried out;
    /// the twin is cut in turn when the client comes back.
    /// </summary>
    /// <param name="sessionId">The session.</param>
    /// <returns>The second connection.</returns>
    /// <exception cref="ArgumentException">There is no such session.</exception>
    public async Task<DuplicateConnection> DuplicateConnectionAsync(long sessionId)
    {
        var session = await _server.FindSessionAsync(sessionId).ConfigureAwait(false)
            ?? throw new ArgumentException($"There is no session 0x{sessionId:x} to connect to a second time.", nameof(sessionId));
        return await DuplicateConnection.OpenAsync(_server.Connect(), session).ConfigureAwait(false);
    }

    /// <summary>Remembers data, sessions and zxid, for <see cref="RestoreAsync"/>.</summary>
    /// <returns>The snapshot.</returns>
    public Task<ServerSnapshot> TakeSnapshotAsync() => _server.TakeSnapshotAsync();

    /// <summary>
    /// Rolls the server back, as an ensemble does that was restored from an old copy: connections are cut, later data and sessions are forgotten, and clients that
    /// have seen a higher zxid are turned away without a word until they give their session up.
    /// </summary>
    /// <param name="snapshot">An earlier state of this server. It may be restored more than once.</param>
    /// <returns>A task that completes when the server is back at that state.</returns>
    public Task RestoreAsync(ServerSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return _server.InvokeAsync(() => _server.Restore(snapshot));
    }

    /// <summary>Adds a server that follows this one, with the same data and the same sessions, and that can lag behind it or be cut off from it.</summary>
    /// <returns>The follower; it lives as long as this server.</returns>
    public Task<EmbeddedFollower> AddFollowerAsync() => _server.AddFollowerAsync();

    /// <summary>Strikes requests by a plan from now on, or no more.</summary>
    /// <param name="plan">The plan; null to end the one that runs.</param>
    public void Run(FaultPlan? plan) => Change(() => _plan = plan);

    internal FaultKind Strike(ServerRequest request)
    {
        lock (_gate)
        {
            _waiting.RemoveAll(fault => fault.Struck.IsCompleted);
            if (_waiting.Find(fault => fault.Matches(request)) is { } scripted && scripted.Strike(request))
            {
                Record(scripted.Kind, request, "scripted");
                return scripted.Kind;
            }

            if (_plan is null || request.Operation == nameof(Wire.OpCode.Ping))
            {
                return FaultKind.None;
            }

            var kind = _plan.Next();
            if (kind != FaultKind.None)
            {
                Record(kind, request, $"seed {_plan.Seed}");
            }

            return kind;
        }
    }

    internal bool Holds(Session? session)
    {
        if (!_isHolding)
        {
            return false;
        }

        lock (_gate)
        {
            return _held.Exists(held => held.SessionId is null || held.SessionId == session?.Id);
        }
    }

    private ScriptedFault Script(FaultKind kind, Func<ServerRequest, bool>? matching)
    {
        var fault = new ScriptedFault(kind, matching);
        Change(() => _waiting.Add(fault));
        return fault;
    }

    private Task ReleaseAsync(HeldReplies held) => _server.InvokeAsync(() =>
    {
        Change(() => _held.Remove(held));
        _server.ReleaseHeld();
    });

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
            (_isArmed, _isHolding) = (_plan is not null || _waiting.Count > 0, _held.Count > 0);
        }
    }

    private void Record(FaultKind kind, ServerRequest request, string origin)
    {
        _struck.Add($"{origin}: {kind} at {request.Operation} {request.Path} of session 0x{request.SessionId:x}");
        _logger.FaultStruck(kind, request.Operation, request.Path, request.SessionId, origin);
    }
}
