using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>The copies that one client keeps: of all registers, and of one by itself.</summary>
internal sealed class ProofCaches : IAsyncDisposable
{
    private readonly TreeCache _tree;
    private readonly NodeCache _node;
    private readonly Task _following;

    private readonly ZooKeeperClient _client;

    private ProofCaches(ProofClient client, TreeCache tree, NodeCache node, IReadOnlyList<string> registers, Sightings sightings)
    {
        (Name, _client, _tree, _node) = ($"client {client.Number}", client.Client, tree, node);
        foreach (var register in registers)
        {
            sightings.Expect(TreeName, register);
        }

        sightings.Expect(NodeName, node.Path);
        _following = Task.WhenAll(FollowAsync(TreeName, tree.ReadChangesAsync(), registers, sightings), FollowAsync(NodeName, node.ReadChangesAsync(), registers, sightings));
    }

    private string Name { get; }

    private string TreeName => $"{Name}'s copy of the tree";

    private string NodeName => $"{Name}'s copy of a znode";

    public static async Task<ProofCaches> StartAsync(ProofClient client, string folder, IReadOnlyList<string> registers, Sightings sightings) => new(
        client, await TreeCache.StartAsync(client.Client, folder), await NodeCache.StartAsync(client.Client, registers[0]), registers, sightings);

    /// <summary>When all is quiet: how the copies differ from what the same client reads.</summary>
    public async Task<IReadOnlyList<string>> FindDifferencesAsync(CancellationToken cancellationToken)
    {
        await _client.SyncAsync(_tree.Path, cancellationToken);
        var names = (await _client.GetChildrenAsync(_tree.Path, cancellationToken)).Names;
        var differences = new List<string>();
        foreach (var path in _tree.Nodes.Keys.Union(names.Select(name => $"{_tree.Path}/{name}")).ToList())
        {
            var held = _tree.Nodes.GetValueOrDefault(path);
            var stat = await _client.ExistsAsync(path, cancellationToken);
            if ((held?.Stat.Czxid, held?.Stat.Mzxid) != (stat?.Czxid, stat?.Mzxid))
            {
                differences.Add($"{TreeName} has {path} as {held?.Stat}; it is {stat}.");
            }
        }

        var node = await _client.GetDataAsync(_node.Path, cancellationToken);
        if (_node.Node is not { } copy || copy.Stat.Mzxid != node.Stat.Mzxid || !copy.Data.Span.SequenceEqual(node.Data))
        {
            differences.Add($"{NodeName} has {_node.Path} as {_node.Node?.Stat}; it is {node.Stat}.");
        }

        return differences;
    }

    /// <summary>Returns once the copy of the tree holds all up to this zxid.</summary>
    public async Task WhenAtAsync(string path, bool isThere, TimeSpan bound)
    {
        using var limit = new CancellationTokenSource(bound, TimeProvider.System);
        try
        {
            await foreach (var _ in _tree.ReadChangesAsync(limit.Token))
            {
                if (_tree.Nodes.ContainsKey(path) == isThere)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"{TreeName} {(isThere ? "lacks" : "still has")} {path} after {bound.TotalSeconds:0} s.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _tree.DisposeAsync();
        await _node.DisposeAsync();
        await _following;
    }

    private async Task FollowAsync(string who, IAsyncEnumerable<CacheChange> changes, IReadOnlyList<string> registers, Sightings sightings)
    {
        await foreach (var change in changes)
        {
            // One that fell behind looks at the whole.
            foreach (var node in change.Type == CacheChangeType.Gap ? [.. registers.Select(_tree.Nodes.GetValueOrDefault)] : (IReadOnlyList<CachedNode?>)[change.After])
            {
                if (node is not null)
                {
                    sightings.Note(who, node.Path, node.Stat.Mzxid);
                }
            }
        }
    }
}
