using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Shards;

public sealed class ShardConnectionTests
{
    private readonly StepClock _clock = new();
    private readonly FakeRedis _redis = new();

    [Fact]
    public async Task It_tells_why_it_cannot_be_used_and_for_how_long()
    {
        var held = _redis.Hold(":1");
        var connection = Open();
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(new ShardConnectionTrouble("it is being opened", TimeSpan.FromSeconds(3)), connection.Trouble);

        held.SetResult();
        await connection.Opening;
        Assert.Null(connection.Trouble);

        var multiplexer = _redis.Last(":1");
        multiplexer.Break(ConnectionFailureType.SocketFailure);
        _clock.Advance(TimeSpan.FromSeconds(2));
        multiplexer.Break(ConnectionFailureType.UnableToConnect);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(new ShardConnectionTrouble("it is not connected (SocketFailure)", TimeSpan.FromSeconds(4)), connection.Trouble);

        multiplexer.Restore();
        Assert.Null(connection.Trouble);
    }

    [Fact]
    public async Task One_that_was_never_opened_says_so_without_the_words_of_the_failure()
    {
        _redis.Fail(":1", new RedisConnectionException(ConnectionFailureType.AuthenticationFailure, CommandFlags.None, "password=hunter2", null, CommandStatus.Unknown));
        var connection = Open();
        await Assert.ThrowsAsync<RingKeeperException>(() => connection.Opening);

        Assert.Equal(new ShardConnectionTrouble("it cannot be opened (event 3003 tells more)", null), connection.Trouble);
    }

    private ShardConnection Open() => new(":1", "orders", new ClusterOptions { TimeProvider = _clock }, _redis.OpenAsync, asksForRun: false);
}
