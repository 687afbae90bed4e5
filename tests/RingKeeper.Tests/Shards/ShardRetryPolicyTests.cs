using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Shards;

public sealed class ShardRetryPolicyTests
{
    private const CommandFlags Read = CommandFlags.CommandRetryReadOnly;
    private const CommandFlags Checked = CommandFlags.CommandRetryWriteChecked;
    private const CommandFlags LastWins = CommandFlags.CommandRetryWriteLastWins;
    private const CommandFlags Accumulating = CommandFlags.CommandRetryWriteAccumulating;
    private const CommandFlags Admin = CommandFlags.CommandRetryServerAdmin;
    private const CommandFlags Never = CommandFlags.CommandRetryNever;

    public static TheoryData<string, Exception, CommandFlags[]> Failures => new()
    {
        { "no connection to send over", Connection(ConnectionFailureType.UnableToResolvePhysicalConnection, CommandStatus.WaitingToBeSent), [Read, Checked, LastWins, Accumulating, Admin] },
        { "no connection, status unknown", Connection(ConnectionFailureType.UnableToResolvePhysicalConnection, CommandStatus.Unknown), [Read, Checked, LastWins, Accumulating, Admin] },
        { "lost before it was written", Connection(ConnectionFailureType.SocketClosed, CommandStatus.WaitingToBeSent), [Read, Checked, LastWins, Accumulating, Admin] },
        { "lost in the backlog", Connection(ConnectionFailureType.SocketFailure, CommandStatus.WaitingInBacklog), [Read, Checked, LastWins, Accumulating, Admin] },
        { "lost after it was written", Connection(ConnectionFailureType.SocketClosed, CommandStatus.Sent), [Read, Checked, LastWins] },
        { "lost, status unknown", Connection(ConnectionFailureType.SocketFailure, CommandStatus.Unknown), [Read, Checked, LastWins] },
        { "connection closed under it", Connection(ConnectionFailureType.ConnectionDisposed, CommandStatus.Sent), [Read, Checked, LastWins] },
        { "credentials refused", Connection(ConnectionFailureType.AuthenticationFailure, CommandStatus.WaitingToBeSent), [] },
        { "timed out unsent", new RedisTimeoutException(Read, "late", CommandStatus.WaitingToBeSent), [Read, Checked, LastWins, Accumulating, Admin] },
        { "timed out after it was written", new RedisTimeoutException(Read, "late", CommandStatus.Sent), [Read, Checked, LastWins] },
        { "timed out by the caller's own clock", new TimeoutException(), [Read, Checked, LastWins] },
        { "shard is loading", Server(RedisErrorKind.Loading), [Read, Checked, LastWins, Accumulating, Admin] },
        { "shard has lost its primary", Server(RedisErrorKind.MasterDown), [Read, Checked, LastWins, Accumulating, Admin] },
        { "wrong type", Server(RedisErrorKind.WrongType), [] },
        { "out of memory", Server(RedisErrorKind.OutOfMemory), [] },
        { "busy", Server(RedisErrorKind.Busy), [] },
        { "read only", Server(RedisErrorKind.ReadOnly), [] },
        { "unknown error", Server(RedisErrorKind.UnknownError), [] },
        { "write refused under an old view", new StaleViewException("old"), [Read, Checked, LastWins, Accumulating, Admin] },
        { "another operation inside it found no shard", new NoShardAvailableException("none"), [Read, Checked, LastWins] },
        { "defect of the operation", new InvalidOperationException(), [] },
        { "cancelled by the operation", new OperationCanceledException(), [] },
        { "any other refusal", new RingKeeperException("no"), [] },
        { "something of its own disposed", new ObjectDisposedException("x"), [] },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void An_operation_that_failed_is_repeated_only_where_that_does_no_harm(string what, Exception error, CommandFlags[] repeated)
    {
        foreach (var category in new[] { Read, Checked, LastWins, Accumulating, Admin, Never })
        {
            var mayRetry = ShardRetryPolicy.MayRetry(error, started: true, routesChanged: false, category);
            Assert.True(repeated.Contains(category) == mayRetry, $"{what}, {category}: {mayRetry}");
        }
    }

    [Fact]
    public void Finding_a_shard_may_be_tried_again_whatever_the_operation_is()
    {
        Exception[] transient =
        [
            new NoShardAvailableException("none"), new ShardNotReadyException("not yet"), new StaleViewException("old"),
            new RingKeeperException("the connection is not open", new TimeoutException()),
        ];
        Exception[] final =
        [
            new ObjectDisposedException("connector"), new RingKeeperException("no certificate", new InvalidOperationException()), new InvalidOperationException("defect"),
        ];
        foreach (var category in new[] { Read, LastWins, Accumulating, Never })
        {
            Assert.All(transient, error => Assert.True(ShardRetryPolicy.MayRetry(error, started: false, routesChanged: false, category)));
            Assert.All(final, error => Assert.False(ShardRetryPolicy.MayRetry(error, started: false, routesChanged: true, category)));
        }
    }

    [Fact]
    public void A_connection_that_was_closed_because_its_shard_was_removed_is_no_defect()
    {
        Assert.True(ShardRetryPolicy.MayRetry(new ObjectDisposedException("multiplexer"), started: true, routesChanged: true, Read));
        Assert.False(ShardRetryPolicy.MayRetry(new ObjectDisposedException("multiplexer"), started: true, routesChanged: true, Accumulating));
    }

    [Theory]
    [InlineData(CommandFlags.CommandRetryAlways, true)]
    [InlineData(CommandFlags.CommandRetryConnection, true)]
    [InlineData(Read, true)]
    [InlineData(Never, true)]
    [InlineData(CommandFlags.None, false)]
    [InlineData(CommandFlags.FireAndForget, false)]
    [InlineData(CommandFlags.DemandReplica | Read, false)]
    public void Only_the_retry_categories_are_categories(CommandFlags flags, bool isCategory) => Assert.Equal(isCategory, ShardRetryPolicy.IsCategory(flags));

    [Fact]
    public void Pauses_grow_from_50_ms_to_a_second()
    {
        Assert.Equal([50, 100, 200, 400, 800, 1000, 1000], Enumerable.Range(1, 7).Select(i => ShardRetryPolicy.PauseAfter(i).TotalMilliseconds));
        Assert.Equal(1000, ShardRetryPolicy.PauseAfter(int.MaxValue).TotalMilliseconds);
    }

    private static RedisConnectionException Connection(ConnectionFailureType type, CommandStatus status) => new(type, Read, "lost", null, status);

    private static RedisServerException Server(RedisErrorKind kind) => new(kind, Read, "answer");
}
