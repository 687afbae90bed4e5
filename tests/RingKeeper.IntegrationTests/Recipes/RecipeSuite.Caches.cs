using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Recipes;

public abstract partial class RecipeSuite
{
    private static readonly CacheOptions Quick = new() { ResyncJitter = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public async Task A_tree_cache_follows_a_tree_that_comes_changes_and_goes()
    {
        await using var client = await ConnectAsync();
        await using var other = await ConnectAsync();
        var root = NewPath("tree");
        await using var cache = await TreeCache.StartAsync(client, root, Quick, Soon);
        await cache.WaitForInitialAsync(Soon);
        Assert.Empty(cache.Nodes);
        await using var changes = new Changes(cache.ReadChangesAsync(Soon));

        await other.CreateAsync(root, Bytes("r"));
        await other.CreateAsync($"{root}/a", Bytes("1"));
        await other.CreateAsync($"{root}/a/b", Bytes("2"));
        await changes.UntilAsync(c => c.Path == $"{root}/a/b");
        Assert.Equal([root, $"{root}/a", $"{root}/a/b"], cache.Nodes.Keys);

        var stat = await other.SetDataAsync($"{root}/a", Bytes("3"));
        var update = await changes.UntilAsync(c => c.Type == CacheChangeType.Updated);
        Assert.Equal(("1", "3"), (Text(update.Before!.Data), Text(update.After!.Data)));
        Assert.Equal(stat.Mzxid, cache.Nodes[$"{root}/a"].Stat.Mzxid);
        Assert.True(cache.Freshness.Zxid >= stat.Mzxid);

        await other.DeleteAsync($"{root}/a/b");
        await other.DeleteAsync($"{root}/a");
        await other.DeleteAsync(root);
        await changes.UntilAsync(c => c.Type == CacheChangeType.Removed && c.Path == root);
        Assert.Empty(cache.Nodes);
    }

    [Fact]
    public async Task A_tree_cache_catches_up_with_what_changed_while_the_connection_was_lost()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ConnectAsync(proxy);
        await using var other = await ConnectAsync();
        var root = NewPath("tree");
        await other.CreateAsync(root, default);
        foreach (var name in new[] { "stays", "changes", "goes", "anew" })
        {
            await other.CreateAsync($"{root}/{name}", Bytes("old"));
            await other.CreateAsync($"{root}/{name}/below", Bytes("old"));
        }

        await using var cache = await TreeCache.StartAsync(client, root, Quick, Soon);
        await cache.WaitForInitialAsync(Soon);
        await using var changes = new Changes(cache.ReadChangesAsync(Soon));
        for (var i = 0; i < 9; i++)
        {
            await changes.UntilAsync(c => c.Type == CacheChangeType.Added);
        }

        var reads = cache.DataReads;
        proxy.Refuse = true;
        await proxy.CutAllAsync();
        await other.SetDataAsync($"{root}/changes", Bytes("new"));
        await other.DeleteAsync($"{root}/goes/below");
        await other.DeleteAsync($"{root}/goes");
        await other.CreateAsync($"{root}/comes", Bytes("new"));
        await other.DeleteAsync($"{root}/anew/below");
        await other.DeleteAsync($"{root}/anew");

        // The same version as before: only its zxid tells it from the old one.
        await other.CreateAsync($"{root}/anew", Bytes("new"));
        Assert.False(cache.Freshness.IsInSync);
        Assert.Equal("old", Text(cache.Nodes[$"{root}/anew"].Data));
        proxy.Refuse = false;

        var seen = new List<(CacheChangeType Type, string Path)>();
        while (seen.Count < 7)
        {
            var change = await changes.UntilAsync(_ => true);
            seen.Add((change.Type, change.Path[(root.Length + 1)..]));
        }

        Assert.Equal(
            [
                (CacheChangeType.Added, "anew"), (CacheChangeType.Removed, "anew"), (CacheChangeType.Removed, "anew/below"), (CacheChangeType.Updated, "changes"), (CacheChangeType.Added, "comes"),
                (CacheChangeType.Removed, "goes"), (CacheChangeType.Removed, "goes/below"),
            ],
            seen.OrderBy(s => s.Path, StringComparer.Ordinal).ThenBy(s => s.Type));
        Assert.Equal("new", Text(cache.Nodes[$"{root}/anew"].Data));

        // What did not change was not read again: three that did, and two that were looked for and not found, some of them twice.
        Assert.InRange(cache.DataReads - reads, 3, 8);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_tree_cache_goes_on_in_the_next_session()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ConnectAsync(proxy, TimeSpan.FromSeconds(1));
        await using var other = await ConnectAsync();
        var root = NewPath("tree");
        await other.CreateAsync(root, default);
        await client.CreateAsync($"{root}/mine", default, CreateMode.Ephemeral);
        await using var cache = await TreeCache.StartAsync(client, root, Quick, Soon);
        await cache.WaitForInitialAsync(Soon);
        await using var changes = new Changes(cache.ReadChangesAsync(Soon));
        await ExpireAsync(proxy, other, $"{root}/mine");
        await changes.UntilAsync(c => c.Type == CacheChangeType.Removed && c.Path == $"{root}/mine");
        await other.CreateAsync($"{root}/next", default);
        await changes.UntilAsync(c => c.Type == CacheChangeType.Added && c.Path == $"{root}/next");
    }

    [Fact]
    public async Task A_reader_of_changes_that_falls_behind_is_told_and_holds_up_nobody()
    {
        await using var client = await ConnectAsync();
        var root = NewPath("tree");
        await client.CreateAsync(root, default);
        await using var cache = await TreeCache.StartAsync(client, root, Quick with { ChangeCapacity = 2 }, Soon);
        await cache.WaitForInitialAsync(Soon);
        await using var slow = new Changes(cache.ReadChangesAsync(Soon));
        Assert.Equal(root, (await slow.UntilAsync(_ => true)).Path);
        await using var quick = new Changes(cache.ReadChangesAsync(Soon));
        await quick.UntilAsync(_ => true);
        for (var i = 0; i < 5; i++)
        {
            await client.CreateAsync($"{root}/{i}", default);
            await quick.UntilAsync(c => c.Path == $"{root}/{i}");
        }

        var told = new List<CacheChangeType> { (await slow.UntilAsync(_ => true)).Type, (await slow.UntilAsync(_ => true)).Type, (await slow.UntilAsync(_ => true)).Type };
        Assert.Equal([CacheChangeType.Added, CacheChangeType.Added, CacheChangeType.Gap], told);
        Assert.Equal(6, cache.Nodes.Count);
        await client.CreateAsync($"{root}/last", default);
        Assert.Equal($"{root}/last", (await slow.UntilAsync(_ => true)).Path);
    }

    [Fact]
    public async Task A_tree_cache_holds_what_the_server_holds_after_a_storm_of_changes_and_cuts()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ConnectAsync(proxy);
        await using var other = await ConnectAsync();
        var root = NewPath("tree");
        await other.CreateAsync(root, default);
        await using var cache = await TreeCache.StartAsync(client, root, Quick with { MaxConcurrentReads = 4 }, Soon);
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            if (i % 100 == 50)
            {
                await proxy.CutAllAsync();
            }

            await ChangeAsync(other, $"{root}/{random.Next(12)}{(random.Next(2) == 0 ? "" : "/below")}", random);
        }

        await other.CreateAsync($"{root}/last", default);
        await using var changes = new Changes(cache.ReadChangesAsync(Soon));
        await changes.UntilAsync(c => c.Path == $"{root}/last");
        while (!cache.Freshness.IsInSync)
        {
            // A change of our own is told after all that came before it.
            await other.SetDataAsync($"{root}/last", default);
            await changes.UntilAsync(c => c.Path == $"{root}/last");
        }

        foreach (var (path, node) in cache.Nodes)
        {
            var (data, stat) = await other.GetDataAsync(path);
            Assert.Equal((path, Text(data), stat.Czxid, stat.Mzxid), (path, Text(node.Data), node.Stat.Czxid, node.Stat.Mzxid));
        }

        var names = (await other.GetChildrenAsync(root)).Names;
        var below = await Task.WhenAll(names.Select(async n => (await other.GetChildrenAsync($"{root}/{n}")).Names.Count));
        Assert.Equal(1 + names.Count + below.Sum(), cache.Nodes.Count);
    }

    [Fact]
    public async Task A_node_cache_follows_one_node_alone()
    {
        await using var client = await ConnectAsync();
        await using var other = await ConnectAsync();
        var path = NewPath("node");
        await using var cache = await NodeCache.StartAsync(client, path, Quick, Soon);
        await cache.WaitForInitialAsync(Soon);
        Assert.Null(cache.Node);
        Assert.True(cache.Freshness.IsInSync);
        await using var changes = new Changes(cache.ReadChangesAsync(Soon));
        await other.CreateAsync(path, Bytes("1"));
        await changes.UntilAsync(c => c.Type == CacheChangeType.Added);
        await other.CreateAsync($"{path}/child", default);
        await other.SetDataAsync(path, Bytes("2"));
        await changes.UntilAsync(c => c.Type == CacheChangeType.Updated && c.Path == path);
        Assert.Equal("2", Text(cache.Node!.Data));
        await other.DeleteAsync($"{path}/child");
        await other.DeleteAsync(path);
        await changes.UntilAsync(c => c.Type == CacheChangeType.Removed && c.Path == path);
        Assert.Null(cache.Node);
    }

    [Fact]
    public async Task A_cache_ends_with_its_client_and_tells_its_readers()
    {
        var client = await ConnectAsync();
        var root = NewPath("tree");
        await client.CreateAsync(root, default);
        await using var cache = await TreeCache.StartAsync(client, root, Quick, Soon);
        await cache.WaitForInitialAsync(Soon);
        await using var changes = cache.ReadChangesAsync(Soon).GetAsyncEnumerator();
        Assert.True(await changes.MoveNextAsync());
        await client.DisposeAsync();
        Assert.False(await changes.MoveNextAsync());
        Assert.False(cache.Freshness.IsInSync);
        Assert.Single(cache.Nodes);
    }

    private static async Task ChangeAsync(ZooKeeperClient client, string path, Random random)
    {
        try
        {
            await (random.Next(3) switch
            {
                0 => client.CreateAsync(path, Bytes($"{random.Next()}")).AsTask(),
                1 => (Task)client.SetDataAsync(path, Bytes($"{random.Next()}")).AsTask(),
                _ => client.DeleteAsync(path).AsTask(),
            });
        }
        catch (ZooKeeperException e) when (e.Code is ZooKeeperErrorCode.NoNode or ZooKeeperErrorCode.NodeExists or ZooKeeperErrorCode.NotEmpty)
        {
            // One of the storm's blanks.
        }
    }

    private sealed class Changes(IAsyncEnumerable<CacheChange> changes) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<CacheChange> _changes = changes.GetAsyncEnumerator();

        public async Task<CacheChange> UntilAsync(Predicate<CacheChange> condition)
        {
            while (await _changes.MoveNextAsync().AsTask().WaitAsync(Patience))
            {
                if (condition(_changes.Current))
                {
                    return _changes.Current;
                }
            }

            throw new InvalidOperationException("The changes have ended.");
        }

        public ValueTask DisposeAsync() => _changes.DisposeAsync();
    }
}
