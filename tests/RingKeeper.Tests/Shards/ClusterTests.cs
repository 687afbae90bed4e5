using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Xunit;

namespace RingKeeper.Tests.Shards;

public sealed class ClusterTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly Shard A = new("a", ":1");
    private static readonly Shard B = new("b", ":2");

    [Fact]
    public async Task A_ring_that_cannot_be_built_fails_the_connect_and_leaves_the_checker_to_its_owner()
    {
        var checker = new ScriptedChecker();

        await Assert.ThrowsAsync<RingKeeperException>(() =>
            Cluster.ConnectAsync(new ClusterOptions(), new Nodes(), RingTypes.CreateBuilder("Consistent", "4"), checker));

        Assert.False(checker.Disposed);
    }

    [Fact]
    public async Task Statuses_of_the_checker_decide_the_route()
    {
        var checker = new ScriptedChecker();
        await using var cluster = await ConnectAsync(new Nodes(A, B), checker);
        var waiting = cluster.ConnectAsync("key").AsTask();
        Assert.Equal([A, B], checker.Shards);

        checker.Say(new ShardStatus(":1", false, 5));
        checker.Say(new ShardStatus(":2", true, 3));

        var route = await waiting.WaitAsync(Soon);
        Assert.Equal(B, route.Shard);
        Assert.Equal(cluster.View.Ring.Shards[cluster.View.Ring.GetOwner("key"u8)] == A ? 5 : 3, route.ValidSince);
    }

    [Fact]
    public async Task A_reload_swaps_the_ring_tells_the_checker_and_ages_every_copy()
    {
        var checker = new ScriptedChecker();
        var nodes = new Nodes(A);
        await using var cluster = await ConnectAsync(nodes, checker);
        checker.Say(new ShardStatus(":1", true, 5));
        var before = await cluster.ConnectAsync("key").AsTask().WaitAsync(Soon);
        nodes.Shards = [A, B];

        await cluster.ReloadAsync();
        checker.Say(new ShardStatus(":2", true, 6));

        Assert.Equal([A, B], checker.Shards);
        Assert.True((await cluster.ConnectAsync("key").AsTask().WaitAsync(Soon)).ValidSince > before.ValidSince);
    }

    [Fact]
    public async Task A_reload_without_shards_fails_and_the_ring_stays()
    {
        var nodes = new Nodes(A);
        await using var cluster = await ConnectAsync(nodes, new ScriptedChecker());
        nodes.Shards = [];

        await Assert.ThrowsAsync<RingKeeperException>(() => cluster.ReloadAsync());

        Assert.Equal([A], cluster.View.Ring.Shards);
    }

    [Fact]
    public async Task Disposal_disposes_the_checker_and_ends_lookups()
    {
        var checker = new ScriptedChecker();
        var cluster = await ConnectAsync(new Nodes(A), checker);

        await cluster.DisposeAsync();
        await cluster.DisposeAsync();

        Assert.True(checker.Disposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cluster.ConnectAsync("key").AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cluster.ReloadAsync());
        Assert.Throws<ObjectDisposedException>(() => cluster.View);
    }

    private static Task<Cluster> ConnectAsync(Nodes nodes, ScriptedChecker checker)
    {
        var options = new ClusterOptions();
        return Cluster.ConnectAsync(options, nodes, RingTypes.CreateBuilder("Consistent", "4"), checker, new ViewHost(options, "", new FakeRedis().OpenAsync), default);
    }

    private sealed class Nodes(params Shard[] shards) : INodeReader
    {
        public IReadOnlyList<Shard> Shards { get; set; } = shards;

        public ValueTask<IReadOnlyList<Shard>> ReadNodesAsync(CancellationToken cancellationToken = default) => new(Shards);
    }

    private sealed class ScriptedChecker : IHealthChecker
    {
        private readonly Channel<ShardStatus> _feed = Channel.CreateUnbounded<ShardStatus>();

        public bool Disposed { get; private set; }

        public IReadOnlyList<Shard> Shards { get; private set; } = [];

        public void SetShards(IReadOnlyList<Shard> shards) => Shards = shards;

        public void Say(ShardStatus status) => Assert.True(_feed.Writer.TryWrite(status));

        public async IAsyncEnumerable<ShardStatus> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var status in _feed.Reader.ReadAllAsync(cancellationToken))
            {
                yield return status;
            }
        }

        public ValueTask DisposeAsync()
        {
            Disposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
