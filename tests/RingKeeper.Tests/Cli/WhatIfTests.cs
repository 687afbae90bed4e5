using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RingKeeper.Cli;
using RingKeeper.Cli.Documents;
using RingKeeper.Cli.Handlers;
using Xunit;

namespace RingKeeper.Tests.Cli;

/// <summary>What <c>simulate</c> counts, held to the routes of clients, key by key.</summary>
public sealed class WhatIfTests : IDisposable
{
    private const int Keys = 20_000;
    private static readonly Shard[] Four = [new("a", ":1"), new("b", ":2"), new("c", ":3"), new("d", ":4")];
    private readonly CliRun _cli = new();
    private readonly List<string> _files = [];

    public void Dispose()
    {
        _cli.Dispose();
        _files.ForEach(File.Delete);
    }

    public static TheoryData<string, string?> Types => new()
    {
        { RingTypes.Consistent, null }, { RingTypes.ConsistentTagged, "{}" }, { RingTypes.Ketama, null }, { RingTypes.Rendezvous, null },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void The_key_space_and_the_sample_give_what_clients_would_see(string type, string? tag)
    {
        var cluster = Cluster(type, tag);
        var what = WhatIf.Of(cluster, new HashSet<string> { "d" }, ["b"], [new Shard("e", ":5")], ["c"], [new ShardWeight("a", 1)]);
        var exact = KeyFlow.CanBeExact(what);
        Assert.Equal(type != RingTypes.Rendezvous, exact);
        var (flow, keys) = (new KeyFlow(what), new KeyFlow(what));
        var (owners, servers, unserved, toE, misses) = (0, 0, 0, 0, 0);
        Shard[] after = [Four[0], Four[1], Four[3], new Shard("e", ":5")];
        var (viewBefore, viewAfter) = (View(cluster.Options, Four, TopologyHistory.None, shard => (shard.Name != "d", 1)), View(cluster.Options, after, new TopologyHistory(0, [new EarlierTopology(5, cluster.Options, Four)]), static shard => shard.Name switch { "d" => (false, 1), "b" => (false, 7), "e" => (true, 9), _ => (true, 1) }));
        for (var i = 0; i < Keys; i++)
        {
            var key = Encoding.ASCII.GetBytes(Convert.ToHexString(SHA256.HashData(BitConverter.GetBytes(i))));
            keys.AddKey(key);
            var (old, now) = (Route(cluster.Options, Four, key, "d"), Route(cluster.Options, after, key, "d", "b"));
            owners += old.Owner != now.Owner ? 1 : 0;
            servers += old.Server != now.Server ? 1 : 0;
            unserved += now.Server is null ? 1 : 0;
            toE += now.Server == "e" ? 1 : 0;
            misses += now.Server is not null && viewAfter.ExactValidSince(key, RoutePolicy.Failover) > viewBefore.ExactValidSince(key, RoutePolicy.Failover) ? 1 : 0;
        }

        var counted = WhatIfResult.Of(what, keys, exact: false);
        Assert.Equal((Keys, owners, servers, unserved, toE), ((int)counted.Counted, (int)counted.MovedOwner, (int)counted.MovedServer, (int)counted.UnservedAfter, (int)counted.Shards.Single(static shard => shard.Name == "e").After));
        Assert.Equal(misses, counted.ExtraMisses);
        if (exact)
        {
            flow.AddKeySpace();
            var space = WhatIfResult.Of(what, flow, exact: true);
            Assert.Equal(1, space.Counted, 9);
            Assert.Equal(owners / (double)Keys, space.MovedOwner, 0.02);
            Assert.Equal(servers / (double)Keys, space.MovedServer, 0.02);
            Assert.Equal(misses / (double)Keys, space.ExtraMisses, 0.02);
            Assert.All(space.Shards, (shard, i) => Assert.Equal(counted.Shards[i].After / Keys, shard.After, 0.02));
        }
    }

    [Fact]
    public void What_goes_from_a_shard_comes_to_its_heirs()
    {
        var what = WhatIf.Of(Cluster(RingTypes.Consistent, null), new HashSet<string>(), ["a"], [], [], []);
        var flow = new KeyFlow(what);
        flow.AddKeySpace();
        var result = WhatIfResult.Of(what, flow, exact: true);

        var (dead, rest) = (result.Shards[0], result.Shards.Skip(1).ToList());
        Assert.Equal(("alive", "dead", 0.0), (dead.StateBefore, dead.StateAfter, dead.After));
        Assert.Equal((0.0, 0.0, dead.Before), (result.MovedOwner, result.UnservedAfter, Math.Round(result.MovedServer, 12) == Math.Round(dead.Before, 12) ? dead.Before : -1));
        Assert.All(rest, shard => Assert.Equal(shard.After - shard.Before, dead.GoesTo.Single(heir => heir.Name == shard.Name).Size, 9));
        Assert.Equal((0.25, 1 / 3.0), (Math.Round(result.BalanceBefore.Mean, 9), Math.Round(result.BalanceAfter.Mean, 12) == Math.Round(1 / 3.0, 12) ? 1 / 3.0 : -1));
    }

    [Fact]
    public void A_dead_shard_that_is_removed_moves_no_served_key_but_makes_stale_what_its_heirs_hold()
    {
        var result = Counted(WhatIf.Of(Cluster(RingTypes.Consistent, null), new HashSet<string> { "d" }, [], [], ["d"], []));

        var owned = RingPicture.Of(new ZKClusterOptions { RingType = RingTypes.Consistent }.CreateRingBuilder().Build(Four)).Shares[3];
        Assert.InRange(owned, 0.1, 0.4);
        Assert.Equal((owned, 0, owned, owned), (Math.Round(result.MovedOwner, 12) == Math.Round(owned, 12) ? owned : -1, result.MovedServer, Math.Round(result.ExtraMisses, 12) == Math.Round(owned, 12) ? owned : -1, Math.Round(result.StaleInPlace, 12) == Math.Round(owned, 12) ? owned : -1));
    }

    [Fact]
    public void A_shard_that_is_replaced_under_its_name_starts_empty()
    {
        var what = WhatIf.Of(Cluster(RingTypes.Consistent, null), new HashSet<string>(), [], [new Shard("d", ":9")], ["d"], []);
        var result = Counted(what);

        var replaced = result.Shards.Single(static shard => shard.Name == "d");
        Assert.InRange(replaced.Before, 0.1, 0.4);
        Assert.Equal((replaced.Before, replaced.After), (result.ExtraMisses, replaced.GoesTo.Single(static heir => heir.Name == "d").Size));
        Assert.Contains(new WhatIfReport("orders", what, result).Tell(), static line => line.StartsWith("what d serves goes to d at its new address ", StringComparison.Ordinal));
    }

    [Fact]
    public void Under_a_hash_that_gives_few_numbers_the_key_space_is_where_keys_can_lie()
    {
        var options = new ZKClusterOptions { RingType = RingTypes.Ketama, RingParams = "160", KeyHash = "crc32" };
        var what = WhatIf.Of(new ClusterDocument("orders", options, Four) { Place = "here" }, new HashSet<string>(), [Four[options.CreateRingBuilder().Build(Four).GetOwner("k"u8)].Name], [], [], []);
        var keys = new KeyFlow(what);
        for (var i = 0; i < 1_000; i++)
        {
            keys.AddKey(Encoding.ASCII.GetBytes($"k{i}"));
        }

        Assert.Equal(WhatIfResult.Of(what, keys, exact: false).MovedServer / 1_000, Counted(what).MovedServer, 0.05);
    }

    [Fact]
    public async Task Without_failover_the_keys_of_a_killed_shard_are_served_by_nobody_and_that_is_said()
    {
        Assert.Equal(0, await RunAsync("failoverEnabled: false", "--kill", "a"));

        Assert.Contains("failover is off: the keys of a are not served until it returns", _cli.Output, StringComparison.Ordinal);
        Assert.Contains("expected extra misses            0.00%", _cli.Output, StringComparison.Ordinal);
        Assert.Contains("what a serves goes to nobody", _cli.Output, StringComparison.Ordinal);
        Assert.Equal("", _cli.Error);
    }

    [Fact]
    public async Task Own_keys_are_counted_one_by_one_and_told_as_json()
    {
        var keys = Write(string.Join('\n', Enumerable.Range(0, 1_000).Select(static i => string.Create(CultureInfo.InvariantCulture, $"user:{i}"))) + "\n\n");

        Assert.Equal(0, await RunAsync("failoverEnabled: true", "--kill", "a", "--keys", keys, "--json"));

        using var json = JsonDocument.Parse(_cli.Output);
        var options = new ZKClusterOptions();
        var moved = Enumerable.Range(0, 1_000).Count(i => Route(options, Four[..3], Encoding.UTF8.GetBytes($"user:{i}")).Server == "a");
        Assert.Equal((1_000, moved, false), (json.RootElement.GetProperty("counted").GetInt32(), json.RootElement.GetProperty("movedServer").GetInt32(), json.RootElement.GetProperty("exact").GetBoolean()));
    }

    [Theory]
    [InlineData(1, "has no shard 'x'. It has: a, b, c", "--kill", "x")]
    [InlineData(1, "has no shard 'x'", "--remove", "x")]
    [InlineData(1, "has a shard 'a' already", "--add", "a=:9")]
    [InlineData(1, "':1'", "--add", "e=:1")]
    [InlineData(1, "No shard of cluster 'orders' would be alive", "--kill", "a", "b", "c")]
    [InlineData(1, "the last of cluster 'orders' would be removed", "--remove", "a", "b", "c")]
    [InlineData(1, "cannot both die and be removed", "--remove", "a", "--kill", "a")]
    [InlineData(1, "holds no key", "--kill", "a", "--keys", "/dev/null")]
    [InlineData(2, "is not the address of a shard", "--add", "e=nowhere")]
    [InlineData(2, "there is no such shard", "--weight", "x=2")]
    [InlineData(2, "Nothing to simulate")]
    [InlineData(2, "two ways to count", "--kill", "a", "--keys", "f", "--sample", "5")]
    [InlineData(2, "give a number of at least 1", "--kill", "a", "--sample", "0")]
    public async Task What_cannot_be_simulated_is_refused_with_its_reason(int code, string told, params string[] args)
    {
        Assert.Equal(code, await RunAsync("failoverEnabled: true", args));

        Assert.Contains(told, _cli.Error, StringComparison.Ordinal);
        Assert.Equal("", _cli.Output);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "████")]
    [InlineData(0.5, "██")]
    [InlineData(0.28125, "█▏")]
    public void A_bar_is_as_long_as_its_part(double part, string drawn) => Assert.Equal(drawn, WhatIfReport.Bar(part, 4));

    private static WhatIfResult Counted(WhatIf what)
    {
        var flow = new KeyFlow(what);
        flow.AddKeySpace();
        return WhatIfResult.Of(what, flow, exact: true);
    }

    private static ClusterView View(ZKClusterOptions options, Shard[] shards, TopologyHistory history, Func<Shard, (bool Alive, long Since)> status) => new(
        options.CreateRingBuilder().Build(shards), true, 0, history, 0,
        shards.ToDictionary(static shard => shard.Addr, shard => new ShardStatus(shard.Addr, status(shard).Alive, status(shard).Since)));

    private async Task<int> RunAsync(string option, params string[] args)
    {
        var file = Write($"name: orders\noptions: {{{option}, ringType: Consistent, ringParams: \"160\"}}\nshards: [{{name: a, addr: \":1\"}}, {{name: b, addr: \":2\"}}, {{name: c, addr: \":3\"}}]\n");
        return await _cli.RunAsync(CliHandlers.Wired, ["simulate", "--file", file, .. args]);
    }

    private string Write(string text)
    {
        var file = Path.GetTempFileName();
        _files.Add(file);
        File.WriteAllText(file, text);
        return file;
    }

    private static ClusterDocument Cluster(string type, string? tag) => new("orders", new ZKClusterOptions { RingType = type, HashTag = tag }, Four) { Place = "here" };

    private static (string Owner, string? Server) Route(ZKClusterOptions options, Shard[] shards, byte[] key, params string[] dead)
    {
        // Building it is slow beside asking it.
        var view = Views.GetOrAdd((options.RingType, string.Join(',', shards.Select(static shard => shard.Name)), string.Join(',', dead)), _ => new ClusterView(
            options.CreateRingBuilder().Build(shards), true, 0, 0, 0, shards.ToDictionary(static shard => shard.Addr, shard => new ShardStatus(shard.Addr, !dead.Contains(shard.Name), 1))));
        var (ring, route) = (view.Ring, view.Route(key, RoutePolicy.Failover));
        return (ring.Shards[ring.GetOwner(key)].Name, route.Outcome == RouteOutcome.Served ? ring.Shards[route.ShardIndex].Name : null);
    }

    private static ConcurrentDictionary<(string Type, string Shards, string Dead), ClusterView> Views { get; } = new();
}
