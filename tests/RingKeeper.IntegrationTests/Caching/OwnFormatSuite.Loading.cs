using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>Values that are made where there is none.</summary>
public abstract partial class OwnFormatSuite
{
    [Fact]
    public async Task Many_callers_of_a_key_make_its_value_once_and_later_ones_find_it()
    {
        var made = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = 0;
        var callers = Enumerable.Range(0, 50).Select(_ => Cache.GetOrCreateAsync(Key, MakeAsync).AsTask()).ToArray();
        made.SetResult("made");

        Assert.All(await Task.WhenAll(callers), static value => Assert.Equal("made", value));
        Assert.Equal("made", await Cache.GetOrCreateAsync(Key, MakeAsync));
        Assert.Equal((1, 1L, 0L), (begun, Cache.Counters.Loads, Cache.Counters.UnstoredLoads));
        Assert.Equal("made", (await Cache.GetAsync<string>(Key)).Value);

        async ValueTask<string> MakeAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref begun);
            return await made.Task;
        }
    }

    [Fact]
    public async Task A_value_that_was_written_since_the_load_began_is_kept_and_returned()
    {
        var other = CacheWith();
        var value = await Cache.GetOrCreateAsync(
            Key,
            async cancellationToken =>
            {
                await other.SetAsync(Key, "newer", cancellationToken: cancellationToken);
                return "loaded before it";
            });

        Assert.Equal("newer", value);
        Assert.Equal("newer", (await Cache.GetAsync<string>(Key)).Value);
    }

    [Fact]
    public async Task What_was_loaded_is_stored_under_the_view_of_its_miss()
    {
        var value = await Cache.GetOrCreateAsync(
            Key,
            _ =>
            {
                // Another shard served the key meanwhile, and may have been given a newer value.
                Connector.Turn(200);
                return ValueTask.FromResult("loaded before the change");
            });

        Assert.Equal("loaded before the change", value);
        Assert.False((await Cache.GetAsync<string>(Key)).IsHit);
        Assert.Equal(1, Cache.Counters.StaleMisses);
    }

    [Fact]
    public async Task A_removal_by_the_same_process_keeps_what_was_being_loaded_out_of_the_cache()
    {
        var value = await Cache.GetOrCreateAsync(
            Key,
            async cancellationToken =>
            {
                await Cache.RemoveAsync(Key, cancellationToken);
                return "loaded before the removal";
            });

        Assert.Equal("loaded before the removal", value);
        Assert.False((await Cache.GetAsync<string>(Key)).IsHit);
        Assert.Equal(1, Cache.Counters.UnstoredLoads);
    }

    [Fact]
    public async Task An_error_of_the_factory_is_the_callers_and_nothing_is_stored()
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await Cache.GetOrCreateAsync<string>(Key, static _ => throw new InvalidTimeZoneException()));
        Assert.Equal((0L, 1L), (Cache.Counters.Loads, Cache.Counters.FailedLoads));
        Assert.False(await Database.KeyExistsAsync(Key));
    }

    [Fact]
    public async Task A_shard_that_is_away_is_an_error_or_a_miss_by_option_and_a_loaded_value_is_returned()
    {
        var lenient = CacheWith(static options => options with { WhenShardAway = ShardAwayPolicy.Miss });
        foreach (var failure in new Exception[] { new NoShardAvailableException("away"), new ShardNotReadyException("away"), new TimeoutException("away") })
        {
            Connector.Failure = failure;
            await Assert.ThrowsAsync(failure.GetType(), async () => await Cache.GetAsync<string>(Key));
            await Assert.ThrowsAsync(failure.GetType(), async () => await Cache.GetOrCreateAsync(Key, static _ => ValueTask.FromResult("made")));
            await Assert.ThrowsAsync(failure.GetType(), async () => await lenient.SetAsync(Key, "a"));
            Assert.False((await lenient.GetAsync<string>(Key)).IsHit);
            Assert.Equal("made", await lenient.GetOrCreateAsync(Key, static _ => ValueTask.FromResult("made")));
        }

        Connector.Failure = new StaleViewException("refused");
        await Assert.ThrowsAsync<StaleViewException>(async () => await lenient.GetAsync<string>(Key));
        Assert.Equal((6L, 3L, 3L), (lenient.Counters.AwayMisses, lenient.Counters.Loads, lenient.Counters.UnstoredLoads));
    }

    [Fact]
    public async Task A_server_that_is_killed_under_a_load_costs_the_store_and_not_the_value()
    {
        var value = await Cache.GetOrCreateAsync(
            Key,
            async _ =>
            {
                await KillServerAsync();
                return "made";
            });

        Assert.Equal("made", value);
        Assert.Equal(1, Cache.Counters.UnstoredLoads);
        await Assert.ThrowsAnyAsync<RedisException>(async () => await Cache.GetAsync<string>(Key));
        await Assert.ThrowsAnyAsync<RedisException>(async () => await Cache.SetAsync(Key, "a"));

        var restored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Database.Multiplexer.ConnectionRestored += (_, _) => restored.TrySetResult();
        await RestartServerAsync();
        await restored.Task.WaitAsync(Cancel.Soon);
        await Cache.SetAsync(Key, "after the restart");
        Assert.Equal("after the restart", (await Cache.GetAsync<string>(Key)).Value);
    }

    private protected abstract Task KillServerAsync();
}
