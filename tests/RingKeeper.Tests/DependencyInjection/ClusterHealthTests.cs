using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.DependencyInjection;

public sealed class ClusterHealthTests
{
    private const string Dead = "is dead since 2026-11-26T05:00:00.000Z by the checkers' agreement";
    private const string Undecided = "is undecided: no majority of the checkers has told its state yet";
    private static readonly DateTimeOffset Since = new(2026, 11, 26, 5, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("alive alive alive", SessionState.Connected, 0, HealthStatus.Healthy, "All 3 shards of cluster 'orders' are alive.")]
    [InlineData("alive dead alive", SessionState.Connected, 0, HealthStatus.Degraded, "Cluster 'orders': b " + Dead + ".")]
    [InlineData("alive alive drained", SessionState.Connected, 0, HealthStatus.Degraded, "Cluster 'orders': c is drained since 2026-11-26T05:00:00.000Z.")]
    [InlineData("alive undecided dead", SessionState.Connected, 0, HealthStatus.Unhealthy, "2 of 3 shards of cluster 'orders' are away: b " + Undecided + ", c " + Dead + ".")]
    [InlineData("dead dead dead", SessionState.Connected, 0, HealthStatus.Unhealthy, "No shard of cluster 'orders' can serve: a " + Dead + ", b " + Dead + ", c " + Dead + ".")]
    [InlineData("alive alive alive", SessionState.Suspended, 10, HealthStatus.Healthy, "All 3 shards of cluster 'orders' are alive.")]
    [InlineData("alive alive alive", SessionState.Suspended, 42, HealthStatus.Degraded, "Cluster 'orders': ZooKeeper is away (session Suspended); a state 42 s old is used.")]
    [InlineData("alive dead alive", SessionState.Lost, 42, HealthStatus.Degraded, "Cluster 'orders': b " + Dead + ", ZooKeeper is away (session Lost); a state 42 s old is used.")]
    [InlineData("alive alive alive", SessionState.Connected, 42, HealthStatus.Degraded, "Cluster 'orders': a state 42 s old is used: ZooKeeper has not confirmed it.")]
    [InlineData("alive alive alive", SessionState.AuthFailed, 1, HealthStatus.Unhealthy, "Cluster 'orders' follows no change any more, its ZooKeeper session is AuthFailed; restart the process.")]
    [InlineData("alive alive alive", SessionState.Closed, 1, HealthStatus.Unhealthy, "Cluster 'orders' follows no change any more, its ZooKeeper session is Closed; restart the process.")]
    public void The_worst_of_shards_view_and_session_counts(string states, SessionState session, int age, HealthStatus expected, string description)
    {
        var words = states.Split(' ');
        var result = Judge(Known(words) with { Session = session, ViewAge = TimeSpan.FromSeconds(age) });

        Assert.Equal(expected, result.Status);
        Assert.Equal(description, result.Description);
        Assert.Equal("orders", result.Data["cluster"]);
        Assert.Equal(session.ToString(), result.Data["zookeeper"]);
        Assert.Equal(words, [result.Data["shard a"], result.Data["shard b"], result.Data["shard c"]]);
    }

    [Fact]
    public void Its_data_name_each_shard_with_state_address_since_when_and_why()
    {
        var data = Judge(Known(["alive", "dead", "undecided"])).Data;

        Assert.Equal("alive | 10.0.0.1:6379 | 2026-11-26T05:00:00.000Z | ", Told("a"));
        Assert.Equal($"dead | 10.0.0.2:6379 | 2026-11-26T05:00:00.000Z | {Dead}", Told("b"));
        Assert.Equal($"undecided | 10.0.0.3:6379 |  | {Undecided}", Told("c"));

        string Told(string name) => string.Join(" | ", new[] { "", " address", " since", " reason" }.Select(what => data.GetValueOrDefault($"shard {name}{what}")));
    }

    [Fact]
    public void Half_of_the_shards_away_is_degraded_and_what_is_too_many_can_be_set()
    {
        var half = Known(["alive", "dead"]);
        var most = Known(["alive", "dead", "dead"]);

        Assert.Equal(HealthStatus.Degraded, Judge(half).Status);
        Assert.Equal(HealthStatus.Unhealthy, Judge(half, new() { MaxAwayPercent = 49 }).Status);
        Assert.Equal(HealthStatus.Unhealthy, Judge(most).Status);
        Assert.Equal(HealthStatus.Degraded, Judge(most, new() { MaxAwayPercent = 100 }).Status);
        Assert.Equal(HealthStatus.Unhealthy, Judge(Known(["dead", "dead"]), new() { MaxAwayPercent = 100 }).Status);
    }

    [Fact]
    public void A_shard_that_is_alive_by_agreement_and_out_of_this_processs_reach_is_away_after_a_while()
    {
        static ClusterReading Out(double seconds) => Known(["alive", "alive", "alive"]) with
        {
            Connections = new Dictionary<string, ShardConnectionTrouble> { ["10.0.0.2:6379"] = new("it is not connected (SocketFailure)", TimeSpan.FromSeconds(seconds)) },
        };

        Assert.Equal(HealthStatus.Healthy, Judge(Out(5)).Status);
        var result = Judge(Out(7));
        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.Equal("Cluster 'orders': b is alive by the checkers' agreement, but out of this process's reach for 7 s: it is not connected (SocketFailure).", result.Description);
        Assert.Equal("alive", result.Data["shard b"]);
        Assert.Equal(HealthStatus.Degraded, Judge(Out(1), new() { DisconnectedShardAge = TimeSpan.Zero }).Status);
    }

    [Fact]
    public void A_connection_that_never_opens_is_away_at_once()
    {
        var result = Judge(Known(["alive", "alive", "alive"]) with { Connections = new Dictionary<string, ShardConnectionTrouble> { ["10.0.0.1:6379"] = new("it cannot be opened", null) } });

        Assert.Equal("Cluster 'orders': a is alive by the checkers' agreement, but out of this process's reach: it cannot be opened.", result.Description);
    }

    [Fact]
    public void A_cluster_whose_znodes_cannot_be_read_is_degraded_though_the_session_is_connected()
    {
        var result = Judge(Known(["alive", "alive", "alive"]) with { ViewAge = TimeSpan.FromSeconds(3), Unreadable = "The znode /x cannot be read." });

        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.Equal("Cluster 'orders': a state 3 s old is used: The znode /x cannot be read.", result.Description);
        Assert.Equal("The znode /x cannot be read.", result.Data["unreadable"]);
    }

    [Fact]
    public void A_view_so_old_that_lookups_are_refused_is_unhealthy()
    {
        var result = Judge(Known(["alive", "alive", "alive"]) with { Session = SessionState.Lost, ViewAge = TimeSpan.FromSeconds(61), RefusesLookups = true });

        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.StartsWith("Cluster 'orders' serves no lookup, as StaleViewPolicy.Refuse has it for a view this old: ZooKeeper is away", result.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void What_keeps_the_session_from_its_servers_is_told()
    {
        var result = Judge(Known(["alive", "alive", "alive"]) with
        {
            Session = SessionState.Lost, ViewAge = TimeSpan.FromSeconds(30), ZooKeeperTrouble = "Every server refuses.", SinceContact = TimeSpan.FromSeconds(31),
        });

        Assert.Equal("Cluster 'orders': ZooKeeper is away (session Lost, Every server refuses); a state 30 s old is used.", result.Description);
        Assert.Equal(("Every server refuses.", TimeSpan.FromSeconds(31)), ((string)result.Data["zookeeper trouble"], (TimeSpan)result.Data["zookeeper last heard"]));
    }

    [Fact]
    public void The_age_that_degrades_can_be_set()
    {
        var known = Known(["alive"]) with { Session = SessionState.Suspended, ViewAge = TimeSpan.FromSeconds(2) };

        Assert.Equal(HealthStatus.Healthy, Judge(known).Status);
        Assert.Equal(HealthStatus.Degraded, Judge(known, new() { DegradedViewAge = TimeSpan.FromSeconds(1) }).Status);
    }

    [Fact]
    public void A_cluster_that_is_not_connected_has_the_status_that_was_asked_for()
    {
        var result = ClusterHealth.Judge(new ClusterReading("orders", null, TimeSpan.Zero, SessionState.Connecting), new(), HealthStatus.Degraded);

        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.Equal(3, result.Data.Count);
    }

    [Theory]
    [InlineData(-1, 0, 50, "DegradedViewAge")]
    [InlineData(0, -1, 50, "DisconnectedShardAge")]
    [InlineData(0, 0, 101, "MaxAwayPercent")]
    [InlineData(0, 0, -1, "MaxAwayPercent")]
    public void An_option_out_of_range_is_refused_by_name(int viewAge, int shardAge, int percent, string name)
    {
        var builder = new ServiceCollection().AddRingKeeper(static options => (options.ZKServers, options.ClusterName) = ("zk:2181", "orders"));

        var refusal = Assert.Throws<RingKeeperException>(() => builder.AddHealthCheck(configure: options =>
            (options.DegradedViewAge, options.DisconnectedShardAge, options.MaxAwayPercent) = (TimeSpan.FromSeconds(viewAge), TimeSpan.FromSeconds(shardAge), percent)));

        Assert.StartsWith($"ClusterHealthOptions.{name} is ", refusal.Message, StringComparison.Ordinal);
    }

    private static HealthCheckResult Judge(ClusterReading known, ClusterHealthOptions? options = null) => ClusterHealth.Judge(known, options ?? new(), HealthStatus.Unhealthy);

    private static ClusterReading Known(string[] states) => new("orders", ViewOf(states), TimeSpan.Zero, SessionState.Connected);

    private static ClusterView ViewOf(string[] states)
    {
        Shard[] shards = [.. states.Select(static (state, i) => new Shard($"{(char)('a' + i)}", $"10.0.0.{i + 1}:6379") { Drained = state == "drained" })];
        var stamp = (Since - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var statuses = shards.Zip(states).Where(static pair => pair.Second != "undecided").ToDictionary(static pair => pair.First.Addr, pair => new ShardStatus(pair.First.Addr, pair.Second == "alive", stamp));
        return new ClusterView(RingTypes.CreateBuilder(RingTypes.Consistent, "160").Build(shards), true, 1, 1, 1, statuses);
    }
}
