using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>What a restart may keep or wipe: the tree, the sessions, the zxid, and the watches of the present connections. For the executor alone.</summary>
internal sealed class Database(ServerClock clock, EmbeddedZooKeeperOptions options)
{
    private const ZooKeeperErrorCode ReconfigDisabled = (ZooKeeperErrorCode)(-123);

    private EnsembleConfig _config = EnsembleConfig.Alone;

    public VersionRules Rules { get; } = new(options.EmulatedVersion);

    public DataTree Tree { get; } = new(new VersionRules(options.EmulatedVersion), options.ExtendedTypesEnabled);

    public NodeWatches Watches { get; } = new(new VersionRules(options.EmulatedVersion).WatchModesAreIndependent);

    public SessionTable Sessions { get; } = new(clock, options.TickTime, options.MinSessionTimeout, options.MaxSessionTimeout);

    /// <summary>The last zxid given out. Every attempt to write takes one, also a failed one.</summary>
    public long Zxid { get; private set; }

    /// <summary>Fills in what a server has before its first transaction.</summary>
    public Database WithMembers()
    {
        if (options.Members.Count > 0)
        {
            SetConfig(EnsembleConfig.Parse(options.Members, 0), new TreeTransaction(0, clock.UtcMs));
        }

        return this;
    }

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

    /// <summary>Deletes the containers that have run empty and the znodes that outlived their time, each in a zxid of its own.</summary>
    public void SweepAbandoned()
    {
        foreach (var path in Tree.FindAbandoned(clock.UtcMs))
        {
            var transaction = Begin();
            Tree.RemoveAbandoned(path, transaction);
            Publish(transaction);
        }
    }

    /// <summary>Puts a configuration of the ensemble in place, as a script does. The first one comes with the data.</summary>
    public void Configure(IReadOnlyList<string> members)
    {
        var transaction = Begin();
        SetConfig(EnsembleConfig.Parse(members, transaction.Zxid), transaction);
        Publish(transaction);
    }

    /// <summary>Does what a client's reconfig asks for.</summary>
    public ZooKeeperErrorCode Reconfigure(string? joining, string? leaving, string? newMembers, long version, Caller caller, TreeTransaction transaction, out TreeResult result)
    {
        result = default;
        if (!options.ReconfigEnabled)
        {
            return ReconfigDisabled;
        }

        if (_config.IsAlone)
        {
            return ZooKeeperErrorCode.Unimplemented;
        }

        if (version != -1 && version != _config.Version)
        {
            return ZooKeeperErrorCode.BadVersion;
        }

        EnsembleConfig changed;
        try
        {
            changed = _config.Change(joining, leaving, newMembers, transaction.Zxid);
        }
        catch (FormatException exception)
        {
            options.Logger.ReconfigRefused(exception.Message);
            return ZooKeeperErrorCode.BadArguments;
        }

        if (!AclRules.Allows(Tree.Find(DataTree.ConfigPath)!.Acl, AclPermissions.Write, caller.Identities))
        {
            return ZooKeeperErrorCode.NoAuth;
        }

        result = SetConfig(changed, transaction);
        return ZooKeeperErrorCode.Ok;
    }

    private TreeResult SetConfig(EnsembleConfig config, TreeTransaction transaction)
    {
        _config = config;
        return Tree.SetConfig(config.ToString(), transaction);
    }
}
