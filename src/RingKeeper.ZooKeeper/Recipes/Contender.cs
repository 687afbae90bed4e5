using Microsoft.Extensions.Logging;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// One attempt to be first in a line of ephemeral numbered znodes: one loop, whose every step belongs to one connection of one session. What fires only wakes it.
/// </summary>
internal sealed class Contender
{
    private readonly ZooKeeperClient _client;
    private readonly IZNodeStore _store;
    private readonly string _parent;
    private readonly string _prefix;
    private readonly TenureOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WakeSignal _wake;
    private readonly PredecessorWatch _predecessor;

    // The own znode, and what tells of its end.
    private ProtectedNode? _own;
    private WatchedResult<NodeChildren>? _ownWatch;

    public Contender(ZooKeeperClient client, string parent, string prefix, TenureOptions options)
    {
        (_client, _store, _parent, _prefix, _options) = (client, client, parent, prefix, options);
        (_time, _logger) = (client.Options.TimeProvider, client.Options.Logger);
        _wake = new WakeSignal(_time);
        _predecessor = new PredecessorWatch(client, _wake.Set, _wake.Set);
    }

    /// <summary>The znode and its lease once it is first.</summary>
    internal sealed record Turn(ProtectedNode Node, SessionLease Lease);

    /// <summary>Reads the number of a contender's znode; false for other names.</summary>
    public static bool TryGetNumber(string name, string prefix, out int number)
    {
        number = 0;
        return name.Contains($"-{prefix}", StringComparison.Ordinal) && SequentialLine.TryGetNumber(name, out number);
    }

    /// <summary>Enters the line and waits to be first. However it ends but well, the own znode is deleted, in the background where it takes time.</summary>
    /// <param name="waits">False: gives up at once where another is before it; the result is null then.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Turn?> TakeTurnAsync(bool waits, CancellationToken cancellationToken)
    {
        using var pumping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pump = _client.PumpAsync(_wake.Set, pumping.Token);
        Turn? turn = null;
        try
        {
            while (turn is null)
            {
                var session = await _client.WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
                var (taken, pause) = await TryStepAsync(session, cancellationToken).ConfigureAwait(false);
                turn = taken;
                if (turn is null && !waits && pause == Timeout.InfiniteTimeSpan)
                {
                    return null;
                }

                if (turn is null)
                {
                    await _wake.WaitAsync(pause, cancellationToken).ConfigureAwait(false);
                }
            }

            return turn;
        }
        finally
        {
            await pumping.CancelAsync().ConfigureAwait(false);
            await pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (turn is null)
            {
                Forget();
            }
        }
    }

    private async Task<(Turn? Turn, TimeSpan Pause)> TryStepAsync(SessionSnapshot session, CancellationToken cancellationToken)
    {
        try
        {
            return await StepAsync(session, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (SessionRules.IsPassing(e))
        {
            RecipeLog.WaitGoesOn(_logger, _parent, e.Message);
            return (null, session.NegotiatedTimeout / 40);
        }
    }

    // Infinite: what it waits for wakes it.
    private async Task<(Turn? Turn, TimeSpan Pause)> StepAsync(SessionSnapshot session, CancellationToken cancellationToken)
    {
        if (_own is { } known && (known.Session.Epoch != session.Epoch || _ownWatch is { Changed.IsCompleted: true }))
        {
            // Of a session that is gone, though the servers may keep the znode a little longer; or deleted by another hand.
            Forget();
        }

        _own ??= await EnterAsync(cancellationToken).ConfigureAwait(false);
        if (_own.Session.Epoch != session.Epoch)
        {
            return (null, TimeSpan.Zero);
        }

        var store = _store.BoundTo(session);
        List<string> line;
        try
        {
            // It tells whose the znode is as well: the name alone does not.
            if (_ownWatch is null)
            {
                _ownWatch = await store.GetChildrenAndWatchAsync(_own.Path!, cancellationToken).ConfigureAwait(false);
                PredecessorWatch.WakeWhen(_ownWatch.Value.Changed, _wake.Set);
            }

            var children = await store.GetChildrenAsync(_parent, cancellationToken).ConfigureAwait(false);
            line = SequentialLine.InOrder(children.Names, (string name, out int number) => TryGetNumber(name, _prefix, out number), wraps: true);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            Forget();
            return (null, TimeSpan.Zero);
        }

        var (place, predecessor) = SequentialLine.PlaceOf(_own.Name, line);
        if (place < 0 || _ownWatch.Value.Value.Stat.EphemeralOwner != session.SessionId)
        {
            Forget();
            return (null, TimeSpan.Zero);
        }

        if (place == 0)
        {
            return await ClaimAsync(store, session, cancellationToken).ConfigureAwait(false);
        }

        await _predecessor.WatchAsync(SessionRules.Join(_parent, predecessor!), cancellationToken).ConfigureAwait(false);
        return (null, Timeout.InfiniteTimeSpan);
    }

    private async Task<(Turn? Turn, TimeSpan Pause)> ClaimAsync(IZNodeStore store, SessionSnapshot session, CancellationToken cancellationToken)
    {
        try
        {
            var lease = await SessionLease.TryBeginAsync(
                store, session, _own!.Path!, _ownWatch!.Value, _client.TouchedBefore, _options.SafetyMargin, _time, _logger, cancellationToken).ConfigureAwait(false);
            return lease is null ? (null, session.NegotiatedTimeout / 20) : (new Turn(_own, lease), default);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            Forget();
            return (null, TimeSpan.Zero);
        }
    }

    private async Task<ProtectedNode> EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ProtectedNode.CreateAsync(
                    _client, SessionRules.Join(_parent, _prefix), _options.Data, CreateMode.EphemeralSequential, _options.Acl, cancellationToken).ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
            {
                await _client.EnsurePathAsync(_parent, _options.Acl, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // A write tells for certain that it is gone, which a list of a server that lags does not; a znode forgotten but there would keep everybody waiting.
    private void Forget()
    {
        _own?.DeleteInBackground();
        (_own, _ownWatch) = (null, null);
    }
}
