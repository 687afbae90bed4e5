using RingKeeper.ZooKeeper.Embedded;

namespace RingKeeper.Testing;

/// <content>Outages of ZooKeeper.</content>
public sealed partial class RingKeeperTestCluster
{
    private readonly List<HeldReplies> _hanging = [];
    private bool _isZooKeeperStopped;

    /// <summary>
    /// Stops ZooKeeper, as a planned stop of the whole ensemble: connections break, new ones are refused, and it keeps what it holds. Sessions are kept too, however long it
    /// lasts; where they are to end, use <see cref="CutOffZooKeeperAsync"/>.
    /// </summary>
    /// <returns>When it is stopped.</returns>
    /// <exception cref="InvalidOperationException">The cluster runs on a ZooKeeper server of yours.</exception>
    public Task StopZooKeeperAsync()
    {
        var stopped = ZooKeeper.StopAsync();
        _isZooKeeperStopped = true;
        return stopped;
    }

    /// <summary>Starts a stopped ZooKeeper again, with all it held; does nothing if it runs.</summary>
    /// <returns>When it listens.</returns>
    /// <exception cref="InvalidOperationException">The cluster runs on a ZooKeeper server of yours.</exception>
    public Task StartZooKeeperAsync()
    {
        var server = ZooKeeper;
        if (!_isZooKeeperStopped)
        {
            return Task.CompletedTask;
        }

        _isZooKeeperStopped = false;
        return server.RestartAsync();
    }

    /// <summary>Cuts ZooKeeper off the network: connections break, new ones end at once, and it goes on running: sessions that do not come back in time end there.</summary>
    /// <returns>When it is cut off.</returns>
    /// <exception cref="InvalidOperationException">The cluster runs on a ZooKeeper server of yours.</exception>
    public Task CutOffZooKeeperAsync()
    {
        ZooKeeper.RefuseConnections = true;
        return ZooKeeper.DropAllConnectionsAsync();
    }

    /// <summary>Puts ZooKeeper back on the network.</summary>
    /// <exception cref="InvalidOperationException">The cluster runs on a ZooKeeper server of yours.</exception>
    public void ReconnectZooKeeper() => ZooKeeper.RefuseConnections = false;

    /// <summary>
    /// Lets ZooKeeper hang: connections stay and are taken, and nothing is answered. What it is asked meanwhile it carries out, so that a write of a checker may count though
    /// its sender never hears so.
    /// </summary>
    /// <param name="only">The client it hangs for; null for everybody (default: null).</param>
    /// <returns>When it hangs.</returns>
    /// <exception cref="InvalidOperationException">The cluster runs on a ZooKeeper server of yours.</exception>
    public async Task HangZooKeeperAsync(ZKCluster? only = null)
    {
        var held = await ZooKeeper.Faults.HoldRepliesAsync(only?.Session.SessionId).ConfigureAwait(false);
        lock (_hanging)
        {
            _hanging.Add(held);
        }
    }

    /// <summary>Lets a hanging ZooKeeper answer again, first what it kept back. Does nothing if it does not hang.</summary>
    /// <returns>When it answers.</returns>
    public async Task ResumeZooKeeperAsync()
    {
        HeldReplies[] held;
        lock (_hanging)
        {
            held = [.. _hanging];
            _hanging.Clear();
        }

        foreach (var replies in held)
        {
            await replies.ReleaseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends every session as if its timeout had passed: votes of checkers and places in line go, and all connect anew.</summary>
    /// <returns>When they are over.</returns>
    /// <exception cref="InvalidOperationException">The cluster runs on a ZooKeeper server of yours.</exception>
    public async Task ExpireSessionsAsync()
    {
        foreach (var session in ZooKeeper.Sessions)
        {
            await ZooKeeper.ExpireSessionAsync(session).ConfigureAwait(false);
        }
    }

    /// <summary>Ends a client's session as if its timeout had passed.</summary>
    /// <param name="cluster">The client.</param>
    /// <returns>When it is over.</returns>
    /// <exception cref="InvalidOperationException">The cluster runs on a ZooKeeper server of yours.</exception>
    public Task ExpireSessionAsync(ZKCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return ZooKeeper.ExpireSessionAsync(cluster.Session.SessionId);
    }

    /// <summary>Ends a checker's session as if its timeout had passed: its vote and its place in line go with it. Does nothing if it was killed.</summary>
    /// <param name="index">Which one, in the order of their start.</param>
    /// <returns>When it is over.</returns>
    /// <exception cref="InvalidOperationException">The cluster runs on a ZooKeeper server of yours.</exception>
    public Task ExpireCheckerSessionAsync(int index) =>
        _checkers[index] is { } checker ? ZooKeeper.ExpireSessionAsync(checker.Session.SessionId) : Task.CompletedTask;

    private async Task EndOutageAsync()
    {
        if (_zooKeeper is not null)
        {
            await StartZooKeeperAsync().ConfigureAwait(false);
            ReconnectZooKeeper();
            await ResumeZooKeeperAsync().ConfigureAwait(false);
        }
    }
}
