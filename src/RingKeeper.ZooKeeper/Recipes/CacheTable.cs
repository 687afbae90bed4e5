using System.Collections.Immutable;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// What a cache holds, and which reading may change it: only one that is newer, by zxid and not by version, since versions begin anew with each znode. Pure; used by one loop alone.
/// </summary>
internal sealed class CacheTable
{
    // The character behind '/': what is between the two is below a path.
    private const char AfterSlash = (char)('/' + 1);

    private readonly ImmutableSortedDictionary<string, CachedNode>.Builder _nodes = ImmutableSortedDictionary.CreateBuilder<string, CachedNode>(StringComparer.Ordinal);

    // The same paths, to find those below one without looking at all.
    private readonly SortedSet<string> _paths = new(StringComparer.Ordinal);

    public long Zxid { get; private set; }

    public IEnumerable<string> Paths => _paths;

    public CachedNode? Get(string path) => _nodes.GetValueOrDefault(path);

    public ImmutableSortedDictionary<string, CachedNode> ToImmutable() => _nodes.ToImmutable();

    /// <summary>Whether the data that are held are those of this description, so that they need not be read.</summary>
    public bool Holds(string path, Stat stat) => Get(path) is { } node && node.Stat.Czxid == stat.Czxid && node.Stat.Mzxid == stat.Mzxid;

    /// <summary>Takes a reading of the znode. One that is older than what is held changes nothing.</summary>
    public IEnumerable<CacheChange> Put(string path, ReadOnlyMemory<byte> data, Stat stat)
    {
        Zxid = Math.Max(Zxid, Math.Max(stat.Mzxid, stat.Pzxid));
        var node = new CachedNode(path, data, stat);
        if (Get(path) is not { } held)
        {
            Add(node);
            return [new CacheChange(CacheChangeType.Added, path, null, node)];
        }

        if (held.Stat.Czxid != stat.Czxid)
        {
            if (stat.Czxid < held.Stat.Czxid)
            {
                return [];
            }

            // Deleted and created anew; what was below it went before it.
            var gone = Remove(path).ToList();
            Add(node);
            return [.. gone, new CacheChange(CacheChangeType.Added, path, null, node)];
        }

        if (stat.Mzxid > held.Stat.Mzxid)
        {
            _nodes[path] = node;
            return [new CacheChange(CacheChangeType.Updated, path, held, node)];
        }

        if (stat.Mzxid == held.Stat.Mzxid && stat.Pzxid >= held.Stat.Pzxid && stat != held.Stat)
        {
            // Children or the ACL changed, the data did not.
            _nodes[path] = held with { Stat = stat };
        }

        return [];
    }

    /// <summary>Takes a reading of a znode whose data are known.</summary>
    public void PutStat(string path, Stat stat) => _ = Put(path, Get(path)!.Data, stat);

    /// <summary>The znode does not exist, and nothing below it.</summary>
    public IEnumerable<CacheChange> Remove(string path)
    {
        var below = path == "/" ? "/" : path + "/";
        var gone = _paths.GetViewBetween(below, below[..^1] + AfterSlash).Where(p => p.StartsWith(below, StringComparison.Ordinal) && p != path).Reverse().ToList();
        if (_paths.Contains(path))
        {
            gone.Add(path);
        }

        var changes = gone.ConvertAll(each => new CacheChange(CacheChangeType.Removed, each, _nodes[each], null));
        _nodes.RemoveRange(gone);
        _paths.ExceptWith(gone);
        return changes;
    }

    private void Add(CachedNode node)
    {
        _nodes[node.Path] = node;
        _paths.Add(node.Path);
    }
}
