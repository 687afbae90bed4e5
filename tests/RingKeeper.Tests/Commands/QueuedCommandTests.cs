using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Commands;

/// <summary>What batches and transactions do with commands that cannot be sent.</summary>
public sealed class QueuedCommandTests
{
    private static readonly Shard A = RoutedFixture.A;
    private static readonly Shard B = RoutedFixture.B;

    [Fact]
    public async Task A_command_that_a_transaction_refuses_binds_it_to_no_shard()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        RedisKey a = RoutedFixture.KeyOf(A), b = RoutedFixture.KeyOf(B);
        var transaction = ring.Database.CreateTransaction();

        Assert.Throws<CrossShardException>(() => { _ = transaction.KeyDeleteAsync([a, b]); });

        _ = transaction.StringSetAsync(b, 1);
        Assert.Throws<CrossShardException>(() => { _ = transaction.StringSetAsync(a, 1); });
    }

    [Fact]
    public async Task A_transaction_that_found_no_shard_leaves_nothing_behind_for_the_next_execution()
    {
        await using var ring = await RoutedFixture.StartAsync(true, new(":1", false, 1), new(":2", true, 1));
        RedisKey a = RoutedFixture.KeyOf(A), b = RoutedFixture.KeyOf(B);
        var transaction = ring.OwnerOnly.CreateTransaction();
        transaction.AddCondition(Condition.KeyExists(a));
        var set = transaction.StringSetAsync(a, 1);

        await Assert.ThrowsAsync<NoShardAvailableException>(() => transaction.ExecuteAsync());
        await Assert.ThrowsAsync<NoShardAvailableException>(() => set);
        Assert.True(transaction.Execute());
        await ring.SayAsync(RoutedFixture.AllAlive);

        _ = transaction.StringSetAsync(b, 1);
        Assert.Throws<CrossShardException>(() => { _ = transaction.StringSetAsync(a, 1); });
    }

    [Fact]
    public async Task A_key_that_is_taken_out_of_a_batch_meanwhile_fails_its_command_and_no_other()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        RedisKey a = RoutedFixture.KeyOf(A), b = RoutedFixture.KeyOf(B);
        RedisKey[] list = [a, b];
        var batch = ring.Database.CreateBatch();
        var many = batch.StringGetAsync(list);
        var one = batch.StringSetAsync(b, 1);
        list[0] = default;

        batch.Execute();

        await Assert.ThrowsAsync<ArgumentException>(() => many.WaitAsync(RoutedFixture.Soon));
        await one.WaitAsync(RoutedFixture.Soon);
        Assert.Contains(ring.Calls(B), call => call.Method.Name == nameof(IBatch.StringSetAsync));
    }

    [Fact]
    public async Task Commands_of_a_batch_that_wait_for_their_shard_keep_their_order()
    {
        await using var ring = await RoutedFixture.StartAsync();
        RedisKey key = RoutedFixture.KeyOf(A);
        var batch = ring.Database.CreateBatch();
        var pushed = Enumerable.Range(0, 500).Select(i => batch.ListRightPushAsync(key, i)).ToArray();
        batch.Execute();
        Assert.Empty(ring.Calls(A));

        await ring.SayAsync(RoutedFixture.AllAlive);

        await Task.WhenAll(pushed).WaitAsync(RoutedFixture.Soon);
        Assert.Equal(Enumerable.Range(0, 500), ring.Calls(A).Select(call => (int)(RedisValue)call.Arguments[1]!));
    }

    [Fact]
    public async Task A_batch_with_a_state_sends_each_shard_one_batch()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var batch = ring.Database.CreateBatch("state");
        var set = Enumerable.Range(0, 5).Select(i => batch.StringSetAsync(RoutedFixture.KeyOf(A, i), i)).ToArray();

        batch.Execute();

        await Task.WhenAll(set).WaitAsync(RoutedFixture.Soon);
        Assert.Single(ring.Calls(A), call => call.Method.Name == nameof(IBatch.Execute));
        Assert.All(set, task => Assert.Equal("state", task.AsyncState));
    }
}
