using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <content>What each operation checks, in the order of Apache ZooKeeper, before it changes anything.</content>
internal sealed partial class DataTree
{
    // A time to live shares its 64 bits with a mark.
    private const long MaxTimeToLiveMs = (1L << 40) - 1;

    private static readonly HashSet<string> UndeletablePaths = ["/", "/zookeeper", ConfigPath, "/zookeeper/quota"];

    private TreeResult Create(CreateOperation operation, Caller caller, TreeTransaction transaction)
    {
        if (!CreateFlags.TryParse(operation.Flags, _rules.MaxCreateFlag, out var flags))
        {
            return ZooKeeperErrorCode.BadArguments;
        }

        if (flags.HasTimeToLive && !_extendedTypes)
        {
            return ZooKeeperErrorCode.Unimplemented;
        }

        var hasProperTime = flags.HasTimeToLive ? operation.TimeToLive is > 0 and <= MaxTimeToLiveMs : operation.TimeToLive < 0;
        if (!hasProperTime || !operation.Path.Contains('/', StringComparison.Ordinal) || operation.Path.Contains('\0', StringComparison.Ordinal))
        {
            return ZooKeeperErrorCode.BadArguments;
        }

        if (!AclRules.TryExpand(operation.Acl, caller.Identities, out var acl))
        {
            return ZooKeeperErrorCode.InvalidAcl;
        }

        if (Find(ParentOf(operation.Path)) is not { } parent)
        {
            return ZooKeeperErrorCode.NoNode;
        }

        if (!AclRules.Allows(parent.Acl, AclPermissions.Create, caller.Identities))
        {
            return ZooKeeperErrorCode.NoAuth;
        }

        var path = flags.IsSequential ? operation.Path + SequenceSuffix(parent.Creates) : operation.Path;
        if (PathRules.Flaw(path) is not null)
        {
            return ZooKeeperErrorCode.BadArguments;
        }

        if (_nodes.ContainsKey(path))
        {
            return ZooKeeperErrorCode.NodeExists;
        }

        if (parent.EphemeralOwner != 0)
        {
            return ZooKeeperErrorCode.NoChildrenForEphemerals;
        }

        var isContainer = operation.Type == OpCode.CreateContainer;
        var node = new DataNode
        {
            Data = operation.Data,
            Acl = acl,
            Czxid = transaction.Zxid,
            Mzxid = transaction.Zxid,
            Pzxid = transaction.Zxid,
            Ctime = transaction.Time,
            Mtime = transaction.Time,
            EphemeralOwner = flags.IsEphemeral && !isContainer ? caller.SessionId : 0,
            IsContainer = isContainer,
            TimeToLiveMs = flags.HasTimeToLive ? operation.TimeToLive : 0,
        };
        Add(path, node, parent, transaction);
        return new TreeResult(ZooKeeperErrorCode.Ok, path, node.ToStat());
    }

    private TreeResult Delete(DeleteOperation operation, Caller caller, TreeTransaction transaction)
    {
        var path = operation.Path;
        if (!path.Contains('/', StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal) || UndeletablePaths.Contains(path))
        {
            return ZooKeeperErrorCode.BadArguments;
        }

        if (Find(ParentOf(path)) is not { } parent)
        {
            return ZooKeeperErrorCode.NoNode;
        }

        if (!AclRules.Allows(parent.Acl, AclPermissions.Delete, caller.Identities))
        {
            return ZooKeeperErrorCode.NoAuth;
        }

        if (Find(path) is not { } node)
        {
            return ZooKeeperErrorCode.NoNode;
        }

        if (!Matches(operation.Version, node.Version))
        {
            return ZooKeeperErrorCode.BadVersion;
        }

        if (node.Children.Count > 0)
        {
            return ZooKeeperErrorCode.NotEmpty;
        }

        Remove(path, node, transaction);
        return ZooKeeperErrorCode.Ok;
    }

    private TreeResult SetData(SetDataOperation operation, Caller caller, TreeTransaction transaction)
    {
        if (FindFor(operation.Path, AclPermissions.Write, caller, out var node) is var error and not ZooKeeperErrorCode.Ok)
        {
            return error;
        }

        if (!Matches(operation.Version, node!.Version))
        {
            return ZooKeeperErrorCode.BadVersion;
        }

        var (data, mzxid, mtime, version) = (node.Data, node.Mzxid, node.Mtime, node.Version);
        (node.Data, node.Mzxid, node.Mtime, node.Version) = (operation.Data, transaction.Zxid, transaction.Time, Next(version));
        transaction.Add(
            new TreeChange(WatchedEventType.NodeDataChanged, operation.Path, node.Acl),
            () => (node.Data, node.Mzxid, node.Mtime, node.Version) = (data, mzxid, mtime, version));
        return new TreeResult(ZooKeeperErrorCode.Ok, operation.Path, node.ToStat());
    }

    private TreeResult SetAcl(SetAclOperation operation, Caller caller, TreeTransaction transaction)
    {
        if (PathRules.Flaw(operation.Path) is not null)
        {
            return ZooKeeperErrorCode.BadArguments;
        }

        if (!AclRules.TryExpand(operation.Acl, caller.Identities, out var acl))
        {
            return ZooKeeperErrorCode.InvalidAcl;
        }

        if (FindFor(operation.Path, AclPermissions.Admin, caller, out var node) is var error and not ZooKeeperErrorCode.Ok)
        {
            return error;
        }

        if (!Matches(operation.Version, node!.Aversion))
        {
            return ZooKeeperErrorCode.BadVersion;
        }

        var (oldAcl, aversion) = (node.Acl, node.Aversion);
        (node.Acl, node.Aversion) = (acl, Next(aversion));
        transaction.AddSilent(() => (node.Acl, node.Aversion) = (oldAcl, aversion));
        return new TreeResult(ZooKeeperErrorCode.Ok, operation.Path, node.ToStat());
    }

    private TreeResult Check(CheckOperation operation, Caller caller)
    {
        var error = FindFor(operation.Path, AclPermissions.Read, caller, out var node);
        return error == ZooKeeperErrorCode.Ok && !Matches(operation.Version, node!.Version) ? ZooKeeperErrorCode.BadVersion : error;
    }

    private ZooKeeperErrorCode FindFor(string path, AclPermissions permission, Caller caller, out DataNode? node)
    {
        node = null;
        if (PathRules.Flaw(path) is not null)
        {
            return ZooKeeperErrorCode.BadArguments;
        }

        node = Find(path);
        if (node is null)
        {
            return ZooKeeperErrorCode.NoNode;
        }

        return AclRules.Allows(node.Acl, permission, caller.Identities) ? ZooKeeperErrorCode.Ok : ZooKeeperErrorCode.NoAuth;
    }

    private static bool Matches(int expected, int actual) => expected == -1 || expected == actual;

    // -1 asks for any version, so no node may ever carry it.
    private static int Next(int version) => version == -2 ? 0 : unchecked(version + 1);

    // Ten places including the sign, except for the one number that needs eleven.
    private static string SequenceSuffix(int number) => number >= 0 ? $"{number:D10}" : $"-{-(long)number:D9}";
}
