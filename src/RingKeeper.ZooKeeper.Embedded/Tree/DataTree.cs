using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>
/// The znodes, and what each operation checks and changes, in the order in which Apache ZooKeeper 3.8 checks it.
/// Every change goes through a <see cref="TreeTransaction"/> so that a multi can be taken back. Not for concurrent use.
/// </summary>
internal sealed partial class DataTree
{
    public const string ConfigPath = "/zookeeper/config";

    private readonly Dictionary<string, DataNode> _nodes = [];
    private readonly Dictionary<long, HashSet<string>> _ephemerals = [];

    private readonly VersionRules _rules;
    private readonly bool _extendedTypes;

    /// <param name="rules">The version to follow; null for the default.</param>
    /// <param name="extendedTypes">Whether a znode may have a time to live.</param>
    public DataTree(VersionRules? rules = null, bool extendedTypes = false)
    {
        (_rules, _extendedTypes) = (rules ?? VersionRules.Default, extendedTypes);
        var root = new DataNode { Data = [] };
        var system = new DataNode { Data = [] };
        root.Children.Add("zookeeper");
        system.Children.Add("quota");
        _nodes["/"] = root;
        _nodes["/zookeeper"] = system;
        _nodes["/zookeeper/quota"] = new DataNode { Data = [] };
        if (_rules.HasConfig)
        {
            system.Children.Add("config");
            _nodes[ConfigPath] = new DataNode
            {
                Data = [],
                Acl = [new Acl(AclPermissions.Read, "world", "anyone")],
                Aversion = -1,
            };
        }
    }

    private DataTree(DataTree other)
    {
        (_rules, _extendedTypes) = (other._rules, other._extendedTypes);
        foreach (var (path, node) in other._nodes)
        {
            _nodes[path] = node.Clone();
        }

        foreach (var (session, paths) in other._ephemerals)
        {
            _ephemerals[session] = [.. paths];
        }
    }

    public DataTree Clone() => new(this);

    public int Count => _nodes.Count;

    public int EphemeralCount => _ephemerals.Values.Sum(paths => paths.Count);

    /// <summary>Finds a znode; reads take the empty path for the root.</summary>
    public DataNode? Find(string path) => _nodes.GetValueOrDefault(path.Length == 0 ? "/" : path);

    public TreeResult Apply(TreeOperation operation, Caller caller, TreeTransaction transaction) => operation switch
    {
        CreateOperation create => Create(create, caller, transaction),
        DeleteOperation delete => Delete(delete, caller, transaction),
        SetDataOperation setData => SetData(setData, caller, transaction),
        SetAclOperation setAcl => SetAcl(setAcl, caller, transaction),
        CheckOperation check => Check(check, caller),
        _ => throw new ArgumentException($"{operation.GetType().Name} is not an operation of the tree.", nameof(operation)),
    };

    /// <summary>Deletes the ephemeral znodes of a session, unconditionally.</summary>
    public void RemoveEphemerals(long sessionId, TreeTransaction transaction)
    {
        if (_ephemerals.TryGetValue(sessionId, out var paths))
        {
            foreach (var path in paths.ToArray())
            {
                Remove(path, _nodes[path], transaction);
            }
        }
    }

    /// <summary>Lists the ephemeral znodes of a session whose path starts with the prefix, as text.</summary>
    public List<string> EphemeralsOf(long sessionId, string prefix) =>
        _ephemerals.TryGetValue(sessionId, out var paths)
            ? [.. paths.Where(path => path.StartsWith(prefix, StringComparison.Ordinal))]
            : [];

    public int CountDescendants(string path)
    {
        var prefix = path is "" or "/" ? "/" : path + "/";
        return _nodes.Keys.Count(key => key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>Lists what the server may delete: containers that are empty and once were not, and empty znodes that outlived their time to live.</summary>
    public List<string> FindAbandoned(long time) =>
        [.. _nodes.Where(pair => IsAbandoned(pair.Value, time)).Select(pair => pair.Key)];

    /// <summary>Deletes an abandoned znode, unless it has filled again.</summary>
    public void RemoveAbandoned(string path, TreeTransaction transaction)
    {
        if (Find(path) is { Children.Count: 0 } node)
        {
            Remove(path, node, transaction);
        }
    }

    /// <summary>Puts a configuration in place, whoever asks. As in Apache ZooKeeper its znode counts no versions.</summary>
    public TreeResult SetConfig(string content, TreeTransaction transaction)
    {
        var node = _nodes[ConfigPath];
        var (data, mzxid, mtime, version) = (node.Data, node.Mzxid, node.Mtime, node.Version);
        (node.Data, node.Mzxid, node.Mtime, node.Version) = (System.Text.Encoding.UTF8.GetBytes(content), transaction.Zxid, transaction.Time, -1);
        transaction.Add(
            new TreeChange(WatchedEventType.NodeDataChanged, ConfigPath, node.Acl),
            () => (node.Data, node.Mzxid, node.Mtime, node.Version) = (data, mzxid, mtime, version));
        return new TreeResult(ZooKeeperErrorCode.Ok, ConfigPath, node.ToStat());
    }

    private static bool IsAbandoned(DataNode node, long time) => node.Children.Count == 0
        && ((node.IsContainer && node.Creates > 0) || (node.TimeToLiveMs > 0 && time - node.Mtime > node.TimeToLiveMs));

    private void Add(string path, DataNode node, DataNode parent, TreeTransaction transaction)
    {
        var (creates, pzxid) = (parent.Creates, parent.Pzxid);
        parent.Creates = unchecked(creates + 1);
        parent.Pzxid = transaction.Zxid;
        Attach(path, node, parent);
        transaction.Add(new TreeChange(WatchedEventType.NodeCreated, path, node.Acl, parent.Acl), () =>
        {
            Detach(path, node, parent);
            (parent.Creates, parent.Pzxid) = (creates, pzxid);
        });
    }

    private void Remove(string path, DataNode node, TreeTransaction transaction)
    {
        var parent = _nodes[ParentOf(path)];
        var pzxid = parent.Pzxid;
        parent.Pzxid = transaction.Zxid;
        Detach(path, node, parent);
        transaction.Add(new TreeChange(WatchedEventType.NodeDeleted, path, node.Acl, parent.Acl), () =>
        {
            Attach(path, node, parent);
            parent.Pzxid = pzxid;
        });
    }

    private void Attach(string path, DataNode node, DataNode parent)
    {
        _nodes.Add(path, node);
        parent.Children.Add(NameOf(path));
        if (node.EphemeralOwner != 0)
        {
            if (!_ephemerals.TryGetValue(node.EphemeralOwner, out var paths))
            {
                _ephemerals[node.EphemeralOwner] = paths = [];
            }

            paths.Add(path);
        }
    }

    private void Detach(string path, DataNode node, DataNode parent)
    {
        _nodes.Remove(path);
        parent.Children.Remove(NameOf(path));
        if (node.EphemeralOwner != 0 && _ephemerals.TryGetValue(node.EphemeralOwner, out var paths))
        {
            paths.Remove(path);
            if (paths.Count == 0)
            {
                _ephemerals.Remove(node.EphemeralOwner);
            }
        }
    }

    internal static string ParentOf(string path) => path.LastIndexOf('/') is var slash and > 0 ? path[..slash] : "/";

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
