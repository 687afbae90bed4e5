using System.Collections.Concurrent;
using System.Net;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using StackExchange.Redis.Availability;
using Xunit;

namespace RingKeeper.IntegrationTests.Commands;

/// <summary>The faces of a ring of which a shard is killed, and one joins.</summary>
[Trait("Speed", "Slow")]
public sealed class FaceFaultTests : IAsyncLifetime
{
    private readonly RealStack _stack = new();
    private ZKCluster _client = null!;

    public async ValueTask InitializeAsync()
    {
        await _stack.StartAsync(options: new ZKClusterOptions { RingType = RingTypes.Rendezvous, HashTag = "{}", ExpectedCheckers = 3 });
        _client = await _stack.ConnectAsync(new ClusterOptions { ConfigureRedis = redis => redis.AllowAdmin = true });
    }

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Fact]
    public async Task A_killed_shard_fails_its_part_of_what_is_split_and_batched_and_nothing_hangs()
    {
        var db = _client.GetDatabase(RoutePolicy.OwnerOnly);
        var (a, b) = ((RedisKey)Views.KeyOf(_client.View.Ring, "shard1"), (RedisKey)Views.KeyOf(_client.View.Ring, "shard2"));
        var failed = new TaskCompletionSource<EndPoint?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _client.GetMultiplexer().ConnectionFailed += (_, args) => failed.TrySetResult(args.EndPoint);
        var transaction = db.CreateTransaction();
        transaction.AddCondition(Condition.KeyNotExists(b));
        var inTransaction = transaction.StringSetAsync(b, 1);
        var batch = db.CreateBatch();
        var (onA, onB) = (batch.StringSetAsync(a, 1), batch.StringSetAsync(b, 1));

        await _stack.Shards["shard2"].KillAsync();

        Assert.Equal(_stack.Shards["shard2"].Addr, (await failed.Task.WaitAsync(Cancel.Soon))!.ToString());
        batch.Execute();
        Assert.True(await onA.WaitAsync(Cancel.Soon));
        Assert.NotNull(await Record.ExceptionAsync(() => onB.WaitAsync(Cancel.Soon)));

        await Views.WaitAsync(_client, Views.IsDead("shard2"));
        Assert.IsType<NoShardAvailableException>(await Record.ExceptionAsync(() => transaction.ExecuteAsync().WaitAsync(Cancel.Soon)));
        Assert.IsType<NoShardAvailableException>(await Record.ExceptionAsync(() => inTransaction.WaitAsync(Cancel.Soon)));
        Assert.IsType<NoShardAvailableException>(await Record.ExceptionAsync(() => db.StringGetAsync([a, b]).WaitAsync(Cancel.Soon)));
        Assert.IsType<NoShardAvailableException>(Record.Exception(() => db.KeyDelete([a, b])));
        var next = db.CreateBatch();
        (onA, onB) = (next.StringSetAsync(a, 2), next.StringSetAsync(b, 2));
        next.Execute();
        Assert.True(await onA.WaitAsync(Cancel.Soon));
        Assert.IsType<NoShardAvailableException>(await Record.ExceptionAsync(() => onB.WaitAsync(Cancel.Soon)));
        var flush = await Assert.ThrowsAsync<RingKeeperException>(() => _client.GetServer().FlushAllDatabasesAsync().WaitAsync(Cancel.Soon));
        Assert.Contains("failed on 1 of 3 shards, and was done on the others: 'shard2'", flush.Message, StringComparison.Ordinal);
        Assert.False(await db.KeyExistsAsync(a));
        Assert.InRange(await db.PingAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(10));

        // Which of the servers a lock by majority can reach is seen by asking each.
        var shards = _client.GetShardDatabases();
        var taken = await Task.WhenAll(shards.Select(async shard => await Record.ExceptionAsync(() => shard.StringSetAsync("m", 1, TimeSpan.FromMinutes(1), When.NotExists)) is null));
        Assert.Equal(2, taken.Count(one => one));
        var restored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _client.GetMultiplexer().ConnectionRestored += (_, args) => _ = args.ConnectionType == ConnectionType.Interactive && restored.TrySetResult();
        await _stack.Shards["shard2"].RestartAsync();

        // Checkers may see it before this client's connection is back, and the other way round.
        await Views.WaitAsync(_client, Views.AllAlive);
        await restored.Task.WaitAsync(Cancel.Soon);
        Assert.Equal(3, (await Task.WhenAll(shards.Select(shard => shard.KeyDeleteAsync("m")))).Length);
        Assert.True(await db.StringSetAsync(b, 3));
    }

    [Fact]
    public async Task A_part_that_fails_while_its_shard_is_still_agreed_to_be_alive_names_itself_and_the_rest_is_done()
    {
        var (a, b) = ((RedisKey)Views.KeyOf(_client.View.Ring, "shard1"), (RedisKey)Views.KeyOf(_client.View.Ring, "shard2"));
        var db = _client.GetDatabase();
        await db.StringSetAsync([new(a, 1), new(b, 1)], When.Always, default, CommandFlags.None);
        foreach (var checker in _stack.Checkers)
        {
            await checker.StopAsync();
        }

        await _stack.Shards["shard2"].KillAsync();

        // No checker is there to tell: the connection alone knows.
        var error = await FirstFailureAsync(() => db.KeyDeleteAsync([a, b]));
        Assert.Contains("1 of 2 shards failed: 'shard2'", (string)error.Data["RingKeeper.Parts"]!, StringComparison.Ordinal);
        Assert.False(await db.KeyExistsAsync(a));
        var now = Assert.ThrowsAny<RedisException>(() => db.StringSet([new(a, 2), new(b, 2)], When.Always, default, CommandFlags.None));
        Assert.Contains("the others did their part", (string)now.Data["RingKeeper.Parts"]!, StringComparison.Ordinal);
        Assert.Equal(2, await db.StringGetAsync(a));
    }

    [Fact]
    public async Task The_librarys_retries_bring_a_write_over_to_the_heir()
    {
        RedisKey key = Views.KeyOf(_client.View.Ring, "shard2");
        var retrying = _client.GetDatabase().WithRetry(RingRetryPolicy.Default);
        await _stack.Shards["shard2"].KillAsync();

        await retrying.StringSetAsync(key, "here").WaitAsync(Cancel.Soon);

        Assert.Equal("here", await _client.GetDatabase().StringGetAsync(key));
        Assert.True(Views.IsDead("shard2")(_client.View));
    }

    [Fact]
    public async Task A_shard_that_joins_is_told_and_gets_what_was_set_on_all()
    {
        var multiplexer = _client.GetMultiplexer();
        var told = new ConcurrentQueue<EndPoint>();
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        multiplexer.ConfigurationChanged += (_, args) =>
        {
            told.Enqueue(args.EndPoint);
            changed.TrySetResult();
        };
        multiplexer.StormLogThreshold = 7;

        var shard = await _stack.StartShardAsync("shard4");
        await _stack.UpdateAsync(shards => [.. shards, shard]);
        await Views.WaitAsync(_client, view => view.Ring.Shards.Count == 4 && Views.AllAlive(view));
        await changed.Task.WaitAsync(Cancel.Soon);

        Assert.Contains(shard.Addr, told.Select(endPoint => endPoint.ToString()));
        Assert.Equal(4, multiplexer.GetEndPoints().Length);
        RedisKey key = Views.KeyOf(_client.View.Ring, "shard4");
        Assert.Equal(7, (await _client.ConnectAsync(key, cancellationToken: Cancel.Soon)).Database.Multiplexer.StormLogThreshold);
        Assert.Equal(shard.Addr, multiplexer.GetServer(key).EndPoint.ToString());
    }

    private static async Task<Exception> FirstFailureAsync(Func<Task> call)
    {
        while (true)
        {
            if (await Record.ExceptionAsync(call) is { } error)
            {
                return error;
            }
        }
    }
}
