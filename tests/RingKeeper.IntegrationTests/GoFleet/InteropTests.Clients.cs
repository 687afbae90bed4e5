using System.Globalization;
using System.Text;
using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>Clients, rings and managers.</summary>
public sealed partial class InteropTests
{
    [Theory]
    [InlineData("""{"A":{"addr":"A","ALIVE":false,"since":9}}""")]
    [InlineData(""" { "A" : { "Since" : 9, "Later" : [1], "Addr" : "A", "Alive" : false } } """)]
    [InlineData("""{"A":{"Addr":"x","Alive":true,"Since":1,"Addr":"A","Alive":false,"Since":9}}""")]
    public async Task Interop_11_What_Go_reads_is_read_and_what_it_ignores_keeps_the_last_view(string status)
    {
        await StartAsync(shards: 1, checkers: 0);
        var client = await Stack.ConnectAsync();
        await WriteStatusAsync(("shard1", true, 5));
        await Views.WaitAsync(client, Views.IsAlive("shard1"));
        foreach (var ignored in new[] { "null", "", "{oops", """{"A":{"Addr":"A","Alive":false,"Since":5.5}}""", """{"A":{"Addr":"A","Alive":"false","Since":6}}""" })
        {
            await Znodes.SetAsync(Raw, Status, ignored.Replace("\"A\"", $"\"{Addr("shard1")}\"", StringComparison.Ordinal));
        }

        // Versions are followed in order, so by the time of the last one the others have been read or passed over.
        await WriteStatusAsync(("shard1", true, 7));
        await Views.WaitAsync(client, view => Views.Of(view, "shard1") is { Since: 7 } seen && (seen.Alive ? true : throw new InvalidOperationException("What Go ignores was taken.")));
        await Znodes.SetAsync(Raw, Status, status.Replace("\"A\"", $"\"{Addr("shard1")}\"", StringComparison.Ordinal));
        await Views.WaitAsync(client, view => Views.Of(view, "shard1") is { Alive: false, Since: 9 });
    }

    [Fact]
    public async Task Interop_12_Clients_go_by_the_inner_address_and_an_entry_that_is_missing_is_not_ready_even_in_failover()
    {
        await StartAsync(shards: 2, checkers: 0);
        var client = await Stack.ConnectAsync(new ClusterOptions { ReadyTimeout = TimeSpan.FromMilliseconds(100) });
        await using var go = await GoClient.ConnectAsync(Stack.ZKServers, Stack.Name);
        var key = Views.KeyOf(client.View.Ring, "shard1");
        await Raw.CreateAsync(Status, GoJson.Statuses(new Dictionary<string, GoStatus> { ["zzz"] = new(Addr("shard1"), false, 1) }), cancellationToken: Cancel.Soon);
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        await go.WaitAsync(key, r => r is (GoOutcome.NotReady, _, _) && r.Addr == Addr("shard2"));
        await Assert.ThrowsAsync<ShardNotReadyException>(async () => await client.ConnectAsync(key, cancellationToken: Cancel.Soon));

        await WriteStatusAsync(("shard2", true, 2));
        await Views.WaitAsync(client, Views.IsAlive("shard2"));

        // The entry that left the znode stays known.
        Assert.Equal("shard2", (await client.ConnectAsync(key, cancellationToken: Cancel.Soon)).Shard.Name);
        await go.WaitAsync(key, r => r is (GoOutcome.Served, _, _) && r.Addr == Addr("shard2"));
    }

    [Fact]
    public async Task Interop_13_Both_kinds_of_clients_find_the_same_shard_for_every_key_alive_or_in_failover()
    {
        await StartEmptyAsync();
        Shard[] shards = [new("1x", ":1"), new("x", ":2"), new("node3", ":3"), new("node4", ":4")];
        foreach (var (parameters, i) in new[] { "40", "+4", "", "abc", "4 " }.Select((p, i) => (p, i)))
        {
            var name = $"r{i}";
            await new GoManager(Raw).CreateAsync(name, shards, GoJson.Options(true, "consistent", parameters));
            var statuses = shards.ToDictionary(s => s.Addr, s => new GoStatus(s.Addr, s.Name != "node3", 5));
            await Raw.CreateAsync(ZKPaths.Status(name), GoJson.Statuses(statuses), cancellationToken: Cancel.Soon);
            await using var go = await GoClient.ConnectAsync(Stack.ZKServers, name);
            await go.WaitAsync("k", r => r.Outcome == GoOutcome.Served);
            var options = (await Stack.Manager.GetClusterAsync(name, Cancel.Soon)).Options;
            var ring = options.CreateRingBuilder().Build(shards);
            var view = new ClusterView(ring, true, 1, 0, 1, statuses.ToDictionary(s => s.Key, s => new ShardStatus(s.Key, s.Value.Alive, s.Value.Since)));
            for (var k = 0; k < 500; k++)
            {
                var ours = view.Route(Encoding.UTF8.GetBytes($"key{k}"), RoutePolicy.Failover);
                Assert.Equal(go.Connect($"key{k}").Addr, ring.Shards[ours.ShardIndex].Addr);
            }
        }
    }

    [Theory]
    [InlineData("str", "\"str\"")]
    [InlineData("", "\"\"")]
    [InlineData("a<b>&\u2028é\"'+", "\"a\\u003cb\\u003e\\u0026\\u2028é\\\"'+\"")]
    public async Task Interop_14_A_marshalled_cache_key_has_Go_s_bytes_and_they_place_it(string key, string expected)
    {
        await StartAsync(shards: 3, checkers: 1, OfGo);
        var client = await Stack.ConnectAsync();
        await using var go = await GoClient.ConnectAsync(Stack.ZKServers, Stack.Name);
        await go.WaitAsync(expected, r => r.Outcome == GoOutcome.Served);

        var bytes = new GoJsonWriter().String(key).ToArray();

        Assert.Equal(expected, Encoding.UTF8.GetString(bytes));
        Assert.Equal(go.Connect(expected).Addr, (await client.ConnectAsync((RedisKey)bytes, cancellationToken: Cancel.Soon)).Shard.Addr);
    }

    [Fact]
    public async Task Interop_15_Since_is_the_leaders_and_above_all_in_sight_whatever_the_voters_clocks_say()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        var before = (await Znodes.StatusAsync(Raw, Stack.Name))[Addr("shard1")].Since;
        await using var second = await GoVoter.JoinAsync(Stack);
        await using var third = await GoVoter.JoinAsync(Stack);
        foreach (var voter in new[] { second, third })
        {
            await voter.VoteAsync(Addr("shard1"), new GoStatus(Addr("shard1"), false, 1));
        }

        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => !s[Addr("shard1")].Alive);
        var death = (await Znodes.StatusAsync(Raw, Stack.Name))[Addr("shard1")].Since;
        Assert.InRange(death, before + 1_000_000, GoJson.Now() + 5_000_000);
    }

    [Fact]
    public async Task Interop_16_A_Go_manager_lists_and_deletes_what_ours_created_and_nothing_else_is_nested()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        await Raw.CreateAsync("/goreclusters/half", "1"u8.ToArray(), cancellationToken: Cancel.Soon);
        Assert.Equal([Stack.Name], await new GoManager(Raw).ListAsync());
        Assert.Equal([Stack.Name], (await Stack.Manager.GetClustersAsync(Cancel.Soon)).Select(c => c.Name));
        foreach (var child in (await Raw.GetChildrenAsync(ZKPaths.Cluster(Stack.Name), Cancel.Soon)).Names)
        {
            Assert.True(child == "localstatus" || (await Raw.GetChildrenAsync($"{ZKPaths.Cluster(Stack.Name)}/{child}", Cancel.Soon)).Names.Count == 0);
        }

        await Stack.Checkers[0].StopAsync();
        Assert.True(await new GoManager(Raw).DeleteAsync(Stack.Name));
        Assert.Equal(["half"], await Stack.Manager.GetNamesAsync(Cancel.Soon));
    }

    [Fact]
    public async Task Interop_17_A_Go_managers_update_is_followed_and_recorded_once()
    {
        await StartAsync(shards: 1, checkers: 2, new ZKClusterOptions { ExpectedCheckers = 2 });
        var client = await Stack.ConnectAsync();
        var first = await Znodes.StatAsync(Raw, ZKPaths.History(Stack.Name));
        await new GoManager(Raw).UpdateAsync(Stack.Name, [new Shard("renamed", Addr("shard1"))]);
        await Views.WaitAsync(client, view => view.Ring.Shards[0].Name == "renamed");
        var stamp = await Znodes.TextAsync(Raw, ZKPaths.Cluster(Stack.Name));
        await Znodes.WaitAsync(Raw, ZKPaths.History(Stack.Name), text => text!.StartsWith($"{{\"Stamp\":{stamp},", StringComparison.Ordinal));

        // Whatever else happens: the record is not written again, nor by the next leader.
        await Stack.Shards["shard1"].KillAsync();
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => !s[Addr("shard1")].Alive);
        var leader = await LeaderAsync();
        await Stack.Server.ExpireSessionAsync(leader.Owner);
        await WaitForLeaderAsync(owner => owner != leader.Owner);
        await Stack.Shards["shard1"].RestartAsync();
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s[Addr("shard1")].Alive);
        Assert.Equal(first.Version + 1, (await Znodes.StatAsync(Raw, ZKPaths.History(Stack.Name))).Version);
        Assert.Equal(2, (await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon)).Options.ExpectedCheckers);
    }

    [Fact]
    public async Task Interop_17_A_record_that_is_missing_or_garbage_is_written_anew_and_keeps_what_others_put_there()
    {
        await StartEmptyAsync();
        var shard = await Stack.StartShardAsync("shard1");
        await new GoManager(Raw).CreateAsync(Stack.Name, [shard], GoJson.Options(true, "Consistent", "4"));
        await Stack.AddCheckerAsync();
        var history = ZKPaths.History(Stack.Name);
        var stamp = await Znodes.TextAsync(Raw, ZKPaths.Cluster(Stack.Name));
        var expected = $$"""{"Stamp":{{stamp}},"Options":{"FailoverEnabled":true,"RingType":"Consistent","RingParams":"4"},"Shards":[{"Name":"shard1","Addr":"{{shard.Addr}}"}]""";
        await Znodes.WaitAsync(Raw, history, IsWhole);

        // The status wakes the leader, which looks at the record then.
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Count == 1);
        await Znodes.SetAsync(Raw, history, "{oops");
        await Znodes.SetAsync(Raw, Status, "{}");
        await Znodes.WaitAsync(Raw, history, IsWhole);
        await Znodes.SetAsync(Raw, history, """{"Stamp":1,"Options":{},"Shards":[],"Floor":7,"Earlier":[{"Ended":3}],"Later":[{"x":3}]}""");
        await Znodes.SetAsync(Raw, Status, "{}");
        await Znodes.WaitAsync(Raw, history, text => text!.EndsWith(""","Earlier":[],"Later":[{"x":3}]}""", StringComparison.Ordinal) && IsWhole(text));
        await Raw.DeleteAsync(history, cancellationToken: Cancel.Soon);
        await Znodes.WaitAsync(Raw, history, IsWhole);
        Assert.Equal(0, (await Znodes.StatAsync(Raw, history)).Version);

        // Nothing is known of what was before: the floor is the cluster's own stamp at least.
        bool IsWhole(string? text) =>
            text is not null && text.StartsWith(expected + ",\"Floor\":", StringComparison.Ordinal) && HistoryNode.Decode(history, Encoding.UTF8.GetBytes(text)).Floor >= long.Parse(stamp!, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Interop_18_A_port_alone_means_this_machine_and_stays_the_key()
    {
        await using var redis = await RedisServer.StartAsync();
        await StartEmptyAsync();
        await Stack.Manager.CreateClusterAsync(Stack.Name, [new Shard("a", $":{redis.Port}")], OfGo, Cancel.Soon);
        await Stack.AddCheckerAsync();
        var client = await Stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);

        Assert.Equal([$":{redis.Port}"], (await Znodes.StatusAsync(Raw, Stack.Name)).Keys);
        var route = await client.ConnectAsync("k", cancellationToken: Cancel.Soon);
        Assert.Equal($":{redis.Port}", route.Shard.Addr);
        await route.Database.StringSetAsync("k", "v");
    }

    [Fact]
    public async Task A_format_of_the_future_is_told_by_everybody_and_nothing_is_written_and_the_last_view_kept()
    {
        await StartAsync(shards: 1, checkers: 2, OfGo);
        var client = await Stack.ConnectAsync();
        var view = await Views.WaitAsync(client, Views.AllAlive);
        var read = await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon);
        await Znodes.SetAsync(Raw, ZKPaths.Options(Stack.Name), """{"FailoverEnabled":true,"RingType":"Consistent","RingParams":"160","Format":2,"HashTag":{"Of":"later"}}""");
        await Znodes.SetAsync(Raw, ZKPaths.Cluster(Stack.Name), $"{read.Version + 1}");
        var (status, history, shards) = (await Znodes.StatAsync(Raw, Status), await Znodes.StatAsync(Raw, ZKPaths.History(Stack.Name)), await Znodes.StatAsync(Raw, ZKPaths.Shards(Stack.Name)));
        foreach (var use in new Func<Task>[]
        {
            () => Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon),
            () => Stack.Manager.UpdateClusterAsync(read, Cancel.Soon),
            () => ZKCluster.ConnectAsync(Stack.ZKServers, Stack.Name, Cancel.Soon),
            () => ZKChecker.ConnectAsync(new ZKCheckerOptions { ZKServers = Stack.ZKServers, ClusterName = Stack.Name }, Cancel.Soon),
        })
        {
            var e = await Assert.ThrowsAsync<RingKeeperException>(use);
            Assert.Contains("format 2", e.Message, StringComparison.Ordinal);
            Assert.Contains(ZKPaths.Options(Stack.Name), e.Message, StringComparison.Ordinal);
        }

        await using var error = new StringWriter();
        var environment = new CliEnvironment { Output = TextWriter.Null, Error = error, GetVariable = _ => null };
        Assert.Equal(ExitCodes.Failed, await new CliApp(environment, CliHandlers.Wired).RunAsync(["cluster", "show", Stack.Name, "--zookeeper", Stack.ZKServers], Cancel.Soon));
        Assert.Contains("format 2", error.ToString(), StringComparison.Ordinal);

        // The checkers that run write nothing either; the shard's death would have been published.
        await KillUnderOtherEyesAsync("shard1");
        Assert.Equal((status, history, shards), (await Znodes.StatAsync(Raw, Status), await Znodes.StatAsync(Raw, ZKPaths.History(Stack.Name)), await Znodes.StatAsync(Raw, ZKPaths.Shards(Stack.Name))));
        Assert.Same(view.Ring, client.View.Ring);
    }

    [Theory]
    [InlineData("{oops")]
    [InlineData("""[{"Name":"shard1"}]""")]
    [InlineData("""[{"Name":5,"Addr":":1"}]""")]
    [InlineData("null")]
    public async Task Shards_that_cannot_be_read_are_named_and_the_last_view_is_kept_and_nothing_overwritten(string shards)
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        var client = await Stack.ConnectAsync();
        var view = await Views.WaitAsync(client, Views.AllAlive);
        var read = await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon);
        await Znodes.SetAsync(Raw, ZKPaths.Shards(Stack.Name), shards);
        await Znodes.SetAsync(Raw, ZKPaths.Cluster(Stack.Name), $"{read.Version + 1}");
        var before = await Task.WhenAll(new[] { "shards", "options" }.Select(part => Znodes.StatAsync(Raw, $"{ZKPaths.Cluster(Stack.Name)}/{part}")));
        if (shards != "null")
        {
            Assert.Contains(ZKPaths.Shards(Stack.Name), (await Assert.ThrowsAsync<RingKeeperException>(() => Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon))).Message, StringComparison.Ordinal);
            Assert.Contains(ZKPaths.Shards(Stack.Name), (await Assert.ThrowsAsync<RingKeeperException>(() => Stack.Manager.UpdateClusterAsync(read, Cancel.Soon))).Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<RingKeeperException>(() => ZKCluster.ConnectAsync(Stack.ZKServers, Stack.Name, Cancel.Soon));
        Assert.Same(view.Ring, client.View.Ring);
        Assert.Equal("shard1", (await client.ConnectAsync("k", cancellationToken: Cancel.Soon)).Shard.Name);
        Assert.Equal(before, await Task.WhenAll(new[] { "shards", "options" }.Select(part => Znodes.StatAsync(Raw, $"{ZKPaths.Cluster(Stack.Name)}/{part}"))));

        await Znodes.SetAsync(Raw, ZKPaths.Shards(Stack.Name), $$"""[{"Name":"mended","Addr":"{{Addr("shard1")}}"}]""");
        await Znodes.SetAsync(Raw, ZKPaths.Cluster(Stack.Name), $"{read.Version + 2}");
        await Views.WaitAsync(client, v => v.Ring.Shards[0].Name == "mended" && Views.AllAlive(v));
    }
}
