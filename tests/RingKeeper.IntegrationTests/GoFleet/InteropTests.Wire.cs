using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>What programs of the Go package rely on, line by line: bytes, nodes, checkers.</summary>
public sealed partial class InteropTests : FleetTest
{
    [Fact]
    public async Task Interop_01_Paths_and_bytes_are_those_of_the_Go_package_and_anybody_may_write_them()
    {
        await StartAsync(shards: 1, checkers: 1, new ZKClusterOptions { RingParams = "4" });
        var entry = $$$"""\{"{{{Addr("shard1")}}}":\{"Addr":"{{{Addr("shard1")}}}","Alive":true,"Since":[0-9]{16}""";
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Count == 1);

        Assert.Equal("goreclusters", await Znodes.TextAsync(Raw, "/goreclusters"));
        Assert.Matches("^[0-9]{16}$", await Znodes.TextAsync(Raw, "/goreclusters/c1"));
        Assert.Equal($$"""[{"Name":"shard1","Addr":"{{Addr("shard1")}}"}]""", await Znodes.TextAsync(Raw, "/goreclusters/c1/shards"));
        Assert.Equal("""{"FailoverEnabled":true,"RingType":"Consistent","RingParams":"4"}""", await Znodes.TextAsync(Raw, "/goreclusters/c1/options"));

        // Status and votes have fields more, which Go skips: behind those that it reads.
        const string Run = "(,\"RunId\":\"[0-9a-f]{40}\",\"Role\":\"master\")?";
        Assert.Matches($"^{entry}{Run},\"Died\":0,\"Under\":[0-9]+}}}}$", await Znodes.TextAsync(Raw, "/goreclusters/c1/status"));
        Assert.Equal("c1", await Znodes.TextAsync(Raw, "/goreclusters/c1/localstatus"));

        Assert.Matches($"^{entry},\"Seen\":[0-9]{{16}},\"Checker\":\"[A-Za-z0-9._-]+\"{Run}(,\"Rtt(Deviation)?Us\":[0-9]+)*}}}}$", await Znodes.TextAsync(Raw, $"/goreclusters/c1/localstatus/{(await VotesAsync())[0]}"));
        Assert.Equal(["decisions", "history", "localstatus", "options", "shards", "status"], (await Raw.GetChildrenAsync("/goreclusters/c1", Cancel.Soon)).Names.Order());
        await new GoManager(Raw).UpdateAsync("c1", [new Shard("shard1", Addr("shard1"))]);
    }

    [Fact]
    public async Task Interop_02_Voters_are_ephemeral_sequential_nodes_and_the_only_ones_there()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);
        await using var watch = await Raw.WatchAsync(ZKPaths.LocalStatus(Stack.Name), WatchMode.PersistentRecursive, Cancel.Soon);
        await Stack.AddCheckerAsync();
        await Stack.AddCheckerAsync();
        await Stack.Checkers[0].StopAsync();
        await Stack.AddCheckerAsync();
        Assert.Equal(["n_0000000001", "n_0000000002"], await VotesAsync());
        await Raw.DeleteAsync(ZKPaths.Vote(Stack.Name, "n_0000000002"), cancellationToken: Cancel.Soon);

        // All that was ever there, up to the one that registers again.
        var made = new List<string>();
        await foreach (var change in watch.ReadAllAsync(Cancel.Soon))
        {
            if (change.Type == WatchedEventType.NodeCreated && change.Path != ZKPaths.LocalStatus(Stack.Name))
            {
                made.Add(change.Path[(change.Path.LastIndexOf('/') + 1)..]);
                if (made.Count == 4)
                {
                    break;
                }
            }
        }

        Assert.Equal(["n_0000000000", "n_0000000001", "n_0000000002", "n_0000000003"], made);
        foreach (var vote in await VotesAsync())
        {
            Assert.NotEqual(0, (await Znodes.StatAsync(Raw, ZKPaths.Vote(Stack.Name, vote))).EphemeralOwner);
        }
    }

    [Fact]
    public async Task Interop_03_While_another_program_is_first_ours_vote_and_write_no_status()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);
        await using var first = await GoVoter.JoinAsync(Stack);
        await Stack.AddCheckerAsync();
        await Stack.AddCheckerAsync();
        var life = new[] { () => Task.CompletedTask, Stack.Shards["shard1"].KillAsync, Stack.Shards["shard1"].RestartAsync };
        for (var i = 0; i < life.Length; i++)
        {
            await life[i]();
            var alive = i != 1;
            await Znodes.WaitAsync(Raw, ZKPaths.LocalStatus(Stack.Name), async () => (await VotesOfOursAsync(first.Node)).Count(v => v.GetValueOrDefault(Addr("shard1"))?.Alive == alive) == 2);
        }

        Assert.Null(await Raw.ExistsAsync(Status, Cancel.Soon));
        await first.DisposeAsync();
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Count == 1);
    }

    [Fact]
    public async Task Interop_04_A_vote_is_followed_by_the_parent_and_so_is_a_voter_that_goes()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);
        await using var first = await GoVoter.JoinAsync(Stack);
        await using var leader = await GoLeader.StartAsync(first, Stack.Name);
        await Stack.AddCheckerAsync();
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Values.Any(e => e.Alive));
        await Stack.Shards["shard1"].KillAsync();
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Values.Any(e => !e.Alive));
        var own = (await VotesAsync())[1];
        var (parent, vote) = (await Znodes.StatAsync(Raw, ZKPaths.LocalStatus(Stack.Name)), await Znodes.StatAsync(Raw, ZKPaths.Vote(Stack.Name, own)));
        Assert.Equal(vote.Mzxid, parent.Mzxid);
        Assert.Equal(Stack.Name, await Znodes.TextAsync(Raw, ZKPaths.LocalStatus(Stack.Name)));

        await using var last = await GoVoter.JoinAsync(Stack);
        var counts = leader.Counts;
        await last.DisposeAsync();
        await leader.WhenCountedAsync(counts + 1);
    }

    [Fact]
    public async Task Interop_05_Our_leader_hears_a_vote_by_the_parent_alone_and_who_comes_and_goes()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        await using var second = await GoVoter.JoinAsync(Stack);
        await using var third = await GoVoter.JoinAsync(Stack);
        await second.VoteAsync(Addr("shard1"), alive: false);
        await third.VoteAsync(Addr("shard1"), alive: false);
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => !s[Addr("shard1")].Alive);
        await third.DisposeAsync();
        await second.DisposeAsync();
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s[Addr("shard1")].Alive);
    }

    [Fact]
    public async Task Interop_06_Votes_count_by_their_keys_and_keys_of_others_stay_in_the_status()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        var before = await Znodes.StatusAsync(Raw, Stack.Name);
        await Raw.SetDataAsync(Status, GoJson.Statuses(new Dictionary<string, GoStatus>(before) { ["10.9.9.9:1"] = new("10.9.9.9:1", true, 77) }), cancellationToken: Cancel.Soon);
        await using var second = await GoVoter.JoinAsync(Stack);
        await using var third = await GoVoter.JoinAsync(Stack);

        // The inner address is not what counts.
        await second.VoteAsync(Addr("shard1"), new GoStatus("elsewhere", false, 1));
        await third.VoteAsync(Addr("shard1"), new GoStatus("elsewhere", false, 1));

        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => !s[Addr("shard1")].Alive);
        var after = await Znodes.StatusAsync(Raw, Stack.Name);
        Assert.Equal(new GoStatus("10.9.9.9:1", true, 77), after["10.9.9.9:1"]);
        Assert.Equal(Addr("shard1"), after[Addr("shard1")].Addr);
    }

    [Fact]
    public async Task Interop_07_What_did_not_change_keeps_its_bytes_and_a_foreign_write_is_counted_again()
    {
        await StartAsync(shards: 2, checkers: 1, OfGo);
        var before = await Znodes.StatusAsync(Raw, Stack.Name);
        await Stack.Shards["shard1"].KillAsync();
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => !s[Addr("shard1")].Alive);
        var after = await Znodes.StatusAsync(Raw, Stack.Name);
        Assert.Equal(before[Addr("shard2")], after[Addr("shard2")]);
        Assert.All(after, e => Assert.Equal(e.Key, e.Value.Addr));

        await Raw.SetDataAsync(Status, GoJson.Statuses(before), -1, Cancel.Soon);
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => !s[Addr("shard1")].Alive && s[Addr("shard1")].Since > after[Addr("shard1")].Since);
    }

    [Fact]
    public async Task Interop_08_The_status_is_set_in_place_so_that_its_version_only_grows()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        var first = await Znodes.StatAsync(Raw, Status);
        await Stack.Shards["shard1"].KillAsync();
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => !s[Addr("shard1")].Alive);
        await Stack.UpdateAsync(shards => shards);
        await Raw.SetDataAsync(Status, "{}"u8.ToArray(), cancellationToken: Cancel.Soon);
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Count == 1);

        var last = await Znodes.StatAsync(Raw, Status);
        Assert.Equal(first.Czxid, last.Czxid);
        Assert.True(last.Version >= first.Version + 3);
    }

    [Fact]
    public async Task Interop_09_A_Go_voter_that_joins_with_a_copy_of_the_status_counts_and_ours_joins_with_nothing()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);
        Stack.Shards["shard1"].Hang();
        await Stack.AddCheckerAsync();
        var own = (await VotesAsync())[0];
        await Znodes.WaitAsync(Raw, ZKPaths.Vote(Stack.Name, own), text => text == "{}" || !GoJson.TryParseStatuses(Encoding.UTF8.GetBytes(text!))![Addr("shard1")].Alive);
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Values.Any(e => !e.Alive));

        // Two copies against one: what they copied holds though ours has changed its mind.
        await using var second = await GoVoter.JoinAsync(Stack);
        await using var third = await GoVoter.JoinAsync(Stack);
        var version = (await Znodes.StatAsync(Raw, Status)).Version;
        Stack.Shards["shard1"].Resume();
        await Znodes.WaitAsync(Raw, ZKPaths.Vote(Stack.Name, own), text => GoJson.TryParseStatuses(Encoding.UTF8.GetBytes(text!))![Addr("shard1")].Alive);
        Assert.Equal(version, (await Znodes.StatAsync(Raw, Status)).Version);
        await third.VoteAsync(Addr("shard1"), alive: true);
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s[Addr("shard1")].Alive);
        Assert.Equal(version + 1, (await Znodes.StatAsync(Raw, Status)).Version);
    }

    [Fact]
    public async Task Interop_10_After_an_expiry_a_checker_of_ours_votes_anew_and_wakes_a_Go_leader()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);
        await using var first = await GoVoter.JoinAsync(Stack);
        await using var leader = await GoLeader.StartAsync(first, Stack.Name);
        await Stack.AddCheckerAsync();
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Count == 1);
        var own = (await VotesAsync())[1];
        var counts = leader.Counts;

        await Stack.Server.ExpireSessionAsync((await Znodes.StatAsync(Raw, ZKPaths.Vote(Stack.Name, own))).EphemeralOwner);

        await Znodes.WaitAsync(Raw, ZKPaths.LocalStatus(Stack.Name), async () =>
            await VotesAsync() is [_, var again] && again != own && (await VotesOfOursAsync(first.Node)).Any(v => v.ContainsKey(Addr("shard1"))));
        await leader.WhenCountedAsync(counts + 1);
    }

    [Fact]
    public async Task Interop_19_The_session_timeout_is_what_the_server_grants()
    {
        await using var server = await ApacheZooKeeper.StartAsync(tickTimeMs: 100);
        await using var longer = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = server.ConnectString, ZKTimeout = TimeSpan.FromSeconds(10) }, Cancel.Soon);
        await using var shorter = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = server.ConnectString, ZKTimeout = TimeSpan.FromMilliseconds(50) }, Cancel.Soon);

        Assert.Equal(TimeSpan.FromSeconds(2), longer.Client.Session.NegotiatedTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(200), shorter.Client.Session.NegotiatedTimeout);
    }

    [Fact]
    public async Task Interop_20_A_Go_checker_that_was_lost_is_missing_among_those_present()
    {
        await StartAsync(shards: 1, checkers: 0, new ZKClusterOptions { ExpectedCheckers = 2 });
        await using var voter = await GoVoter.JoinAsync(Stack);
        await Stack.AddCheckerAsync();
        Assert.Equal(2, (await VotesAsync()).Count);

        await Stack.Server.ExpireSessionAsync(voter.Client.Session.SessionId);

        Assert.DoesNotContain(voter.Node, await VotesAsync());
        Assert.Equal(2, (await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon)).Options.ExpectedCheckers);
    }

    private async Task<List<Dictionary<string, GoStatus>>> VotesOfOursAsync(string except)
    {
        var votes = new List<Dictionary<string, GoStatus>>();
        foreach (var node in (await VotesAsync()).Where(n => n != except))
        {
            if (await Znodes.TextAsync(Raw, ZKPaths.Vote(Stack.Name, node)) is { } text)
            {
                votes.Add(GoJson.TryParseStatuses(Encoding.UTF8.GetBytes(text))!);
            }
        }

        return votes;
    }
}
