using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>The copies that one client keeps: of all registers, and of one by itself.</summary>
internal sealed class ProofCaches : IAsyncDisposable
{
    private readonly TreeCache _tree;
    private readonly NodeCache _node;
    private readonly Task _following;

    private ProofCaches(string name, TreeCache tree, NodeCache node, IReadOnlyList<string> registers, Sightings sightings)
    {
        (Name, _tree, _node) = (name, tree, node);
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
        $"client {client.Number}", await TreeCache.StartAsync(client.Client, folder), await NodeCache.StartAsync(client.Client, registers[0]), registers, sightings);

    /// <summary>When all is quiet: how the copies differ from what is there.</summary>
    public IEnumerable<string> Differences(string folder, IReadOnlyDictionary<string, RegisterState> registers, IEnumerable<string> children)
    {
        foreach (var (path, state) in registers)
        {
            if (_tree.Nodes.GetValueOrDefault(path) is not { } node || node.Stat.Mzxid != state.Mzxid || ProofClient.StateOf(new NodeData(node.Data.ToArray(), node.Stat)) != state)
            {
                yield return $"{TreeName} has {path} as {_tree.Nodes.GetValueOrDefault(path)}; it is {state}.";
            }
        }

        var expected = children.Select(name => $"{folder}/{name}").Append(folder).Order(StringComparer.Ordinal).ToList();
        var held = _tree.Nodes.Keys.Order(StringComparer.Ordinal).ToList();
        if (!held.SequenceEqual(expected))
        {
            yield return $"{TreeName} lacks {string.Join(", ", expected.Except(held))} and has {string.Join(", ", held.Except(expected))}, which are not there.";
        }

        if (_node.Node?.Stat.Mzxid != registers[_node.Path].Mzxid)
        {
            yield return $"{NodeName} has {_node.Path} as {_node.Node}; it is {registers[_node.Path]}.";
        }
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
