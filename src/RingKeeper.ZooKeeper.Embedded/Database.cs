using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>What a restart may keep or wipe: the tree, the sessions, the zxid, and the watches of the present connections. For the executor alone.</summary>
internal sealed class Database(ServerClock clock, EmbeddedZooKeeperOptions options)
{
    // Not among the codes of the client: see the protocol.
    private const ZooKeeperErrorCode ReconfigDisabled = (ZooKeeperErrorCode)(-123);

    private EnsembleConfig _config = EnsembleConfig.Alone;
    private Action<CommittedTransaction>? _followers;

    public VersionRules Rules { get; } = new(options.EmulatedVersion);

    public DataTree Tree { get; private init; } = new(new VersionRules(options.EmulatedVersion), options.ExtendedTypesEnabled);

    public NodeWatches Watches { get; } = new(new VersionRules(options.EmulatedVersion).WatchModesAreIndependent);

    public SessionTable Sessions { get; private init; } = new(clock, options.TickTime, options.MinSessionTimeout, options.MaxSessionTimeout);

    /// <summary>The last zxid given out. Every attempt to write takes one, also a failed one.</summary>
    public long Zxid { get; set; }

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
    /// <param name="transaction">The transaction.</param>
    /// <param name="redo">How to do it again on a copy of the tree, for those who follow.</param>
    public void Publish(TreeTransaction transaction, Action<DataTree, TreeTransaction> redo)
    {
        Watches.Fire(transaction.Changes);
        _followers?.Invoke(new CommittedTransaction(transaction.Zxid, transaction.Time, redo));
    }

    /// <summary>Hands every transaction to a follower from now on.</summary>
    public void Follow(Action<CommittedTransaction> follower) => _followers += follower;

    /// <summary>Does again what the leader has done.</summary>
    public void Apply(CommittedTransaction committed)
    {
        var transaction = new TreeTransaction(committed.Zxid, committed.Time);
        committed.Redo(Tree, transaction);
        Zxid = committed.Zxid;
        Watches.Fire(transaction.Changes);
    }

    /// <summary>Makes a copy that lives a life of its own, without watches and followers.</summary>
    /// <param name="later">The database whose session ids must not be given out again.</param>
    public Database Clone(Database later) => new(clock, options)
    {
        Tree = Tree.Clone(),
        Sessions = Sessions.Clone(later.Sessions),
        Zxid = Zxid,
        _config = _config,
    };

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
        Publish(transaction, (tree, again) => tree.RemoveEphemerals(session.Id, again));
        return true;
    }

    /// <summary>Deletes the containers that have run empty and the znodes that outlived their time, each in a zxid of its own.</summary>
    public void SweepAbandoned()
    {
        foreach (var path in Tree.FindAbandoned(clock.UtcMs))
        {
            var transaction = Begin();
            Tree.RemoveAbandoned(path, transaction);
            Publish(transaction, (tree, again) => tree.RemoveAbandoned(path, again));
        }
    }

    /// <summary>Puts a configuration of the ensemble in place, as a script does. The first one comes with the data.</summary>
    public void Configure(IReadOnlyList<string> members)
    {
        var transaction = Begin();
        SetConfig(EnsembleConfig.Parse(members, transaction.Zxid), transaction);
        PublishConfig(transaction);
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
        PublishConfig(transaction);
        return ZooKeeperErrorCode.Ok;
    }

    private TreeResult SetConfig(EnsembleConfig config, TreeTransaction transaction)
    {
        _config = config;
        return Tree.SetConfig(config.ToString(), transaction);
    }

    private void PublishConfig(TreeTransaction transaction)
    {
        var content = _config.ToString();
        Publish(transaction, (tree, again) => tree.SetConfig(content, again));
    }
}
