using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>What a restart may keep or wipe: the tree, the sessions, the zxid, and the watches of the present connections. For the executor alone.</summary>
internal sealed class Database(ServerClock clock, EmbeddedZooKeeperOptions options)
{
    public DataTree Tree { get; } = new();

    public NodeWatches Watches { get; } = new();

    public SessionTable Sessions { get; } = new(clock, options.TickTime, options.MinSessionTimeout, options.MaxSessionTimeout);

    /// <summary>The last zxid given out. Every attempt to write takes one, also a failed one.</summary>
    public long Zxid { get; private set; }

    public TreeTransaction Begin() => new(++Zxid, clock.UtcMs);

    /// <summary>Lets the watches know. Nothing that the transaction did may be taken back afterwards.</summary>
    public void Publish(TreeTransaction transaction) => Watches.Fire(transaction.Changes);

    public Session CreateSession(int requestedTimeoutMs)
    {
        ++Zxid;
        return Sessions.Create(requestedTimeoutMs);
    }

    /// <summary>Ends a session: its ephemeral znodes go in one zxid.</summary>
    /// <returns>False when it was over already.</returns>
    public bool CloseSession(Session session)
    {
        if (!Sessions.Remove(session))
        {
            return false;
        }

        var transaction = Begin();
        Tree.RemoveEphemerals(session.Id, transaction);
        Publish(transaction);
        return true;
    }

    /// <summary>Deletes the containers that have run empty, each in a zxid of its own.</summary>
    public void SweepContainers()
    {
        foreach (var path in Tree.FindAbandonedContainers())
        {
            var transaction = Begin();
            Tree.RemoveContainer(path, transaction);
            Publish(transaction);
        }
    }
}
