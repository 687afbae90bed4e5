using Microsoft.Extensions.Diagnostics.HealthChecks;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.DependencyInjection;

public sealed class ClusterHealthTests
{
    [Theory]
    [InlineData("alive alive alive", SessionState.Connected, HealthStatus.Healthy, "All 3 shards of cluster 'orders' are alive.")]
    [InlineData("alive dead alive", SessionState.Connected, HealthStatus.Degraded, "Cluster 'orders': b is dead.")]
    [InlineData("alive undecided dead", SessionState.Connected, HealthStatus.Degraded, "Cluster 'orders': b is undecided, c is dead.")]
    [InlineData("alive alive alive", SessionState.Suspended, HealthStatus.Degraded, "Cluster 'orders': ZooKeeper is away (session Suspended); a state 42 s old is used.")]
    [InlineData("alive dead alive", SessionState.Lost, HealthStatus.Degraded, "Cluster 'orders': b is dead, ZooKeeper is away (session Lost); a state 42 s old is used.")]
    [InlineData("dead dead dead", SessionState.Connected, HealthStatus.Unhealthy, "No shard of cluster 'orders' can serve: a is dead, b is dead, c is dead.")]
    [InlineData("undecided undecided dead", SessionState.Connected, HealthStatus.Unhealthy, "No shard of cluster 'orders' can serve: a is undecided, b is undecided, c is dead.")]
    [InlineData("alive alive alive", SessionState.AuthFailed, HealthStatus.Unhealthy, "Cluster 'orders' follows no change any more: its ZooKeeper session is AuthFailed. Restart the process.")]
    [InlineData("alive alive alive", SessionState.Closed, HealthStatus.Unhealthy, "Cluster 'orders' follows no change any more: its ZooKeeper session is Closed. Restart the process.")]
    public void The_worst_of_shards_and_session_counts(string states, SessionState session, HealthStatus expected, string description)
    {
        var words = states.Split(' ');
        var result = ClusterHealth.Judge("orders", ViewOf(words), session == SessionState.Connected ? TimeSpan.Zero : TimeSpan.FromSeconds(42), null, session, HealthStatus.Unhealthy);

        Assert.Equal(expected, result.Status);
        Assert.Equal(description, result.Description);
        Assert.Equal("orders", result.Data["cluster"]);
        Assert.Equal(session.ToString(), result.Data["zookeeper"]);
        Assert.Equal(words, [result.Data["shard a"], result.Data["shard b"], result.Data["shard c"]]);
    }

    [Fact]
    public void A_cluster_whose_znodes_cannot_be_read_is_degraded_though_the_session_is_connected()
    {
        var result = ClusterHealth.Judge("orders", ViewOf(["alive", "alive", "alive"]), TimeSpan.FromSeconds(3), "The znode /x cannot be read.", SessionState.Connected, HealthStatus.Unhealthy);

        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.Equal("Cluster 'orders': a state 3 s old is used: The znode /x cannot be read.", result.Description);
    }

    [Fact]
    public void A_cluster_that_is_not_connected_has_the_status_that_was_asked_for()
    {
        var result = ClusterHealth.Judge("orders", null, TimeSpan.Zero, null, SessionState.Connecting, HealthStatus.Degraded);

        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.Equal(2, result.Data.Count);
    }

    private static ClusterView ViewOf(string[] states)
    {
        Shard[] shards = [new("a", "10.0.0.1:6379"), new("b", "10.0.0.2:6379"), new("c", "10.0.0.3:6379")];
        var statuses = shards.Zip(states).Where(pair => pair.Second != "undecided").ToDictionary(pair => pair.First.Addr, pair => new ShardStatus(pair.First.Addr, pair.Second == "alive", 1));
        return new ClusterView(RingTypes.CreateBuilder(RingTypes.Consistent, "160").Build(shards), true, 1, 1, 1, statuses);
    }
}
