using System.Collections.Immutable;
using RingKeeper.Cli.Doctor;
using RingKeeper.Tests.Insight;
using RingKeeper.ZooKeeper;
using Xunit;
using static RingKeeper.Tests.Insight.Fleets;

namespace RingKeeper.Tests.Cli;

/// <summary>What the doctor makes of answers, and of answers that are missing.</summary>
public sealed class DoctorChecksTests
{
    [Fact]
    public void Without_any_answer_no_check_says_that_anything_is_well_and_none_is_silent()
    {
        var facts = Facts(null) with { Session = new(null, "nobody there"), Servers = [new("zk:2181", new(null, "refused"))], OpenNodes = new(null, "nobody there"), ZooKeeperClock = new(null, "nobody there") };

        Assert.All(DoctorChecks.All, check =>
        {
            var findings = check.Judge(facts).ToList();
            Assert.NotEmpty(findings);
            Assert.DoesNotContain(findings, finding => finding.Level is FindingLevel.Ok or FindingLevel.Note);
            Assert.All(findings, finding => Assert.False(string.IsNullOrEmpty(finding.Remedy)));
        });
        Assert.Contains(new QuorumCheck().Judge(facts), finding => finding is { Code: "zk-unreachable", Level: FindingLevel.Critical });
        Assert.Equal(DoctorChecks.All.Count, DoctorChecks.All.Select(check => check.Name).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Shards_that_did_not_answer_are_named_as_not_checked_beside_what_the_others_told()
    {
        var facts = Facts(Count([A, B], 3)) with { Shards = [Info(A), new(B, new(null, "no answer within 5s") { IsLate = true })] };

        foreach (var check in new IDoctorCheck[] { new IdentityCheck(), new MemoryCheck(), new PersistenceCheck(), new ShardVersionsCheck(), new ClocksCheck() })
        {
            Assert.Contains(check.Judge(facts), finding => finding.Level == FindingLevel.NotChecked && finding.Text.Contains("b, which did not answer", StringComparison.Ordinal));
        }

        Assert.Contains(new ReachCheck().Judge(facts), finding => finding is { Code: "shard-hangs", Level: FindingLevel.Critical });
        var dead = Facts(Count([A, B], 3, [new ShardStatus(":1", true, Stamp), new ShardStatus(":2", false, Stamp)])) with { Shards = facts.Shards };
        Assert.Contains(new ReachCheck().Judge(dead), finding => finding is { Code: "shard-hangs", Level: FindingLevel.Note });
    }

    [Theory]
    [InlineData("leader,follower,follower", 3, "zk-quorum,zk-size")]
    [InlineData("standalone", 0, "zk-quorum,zk-single")]
    [InlineData("leader,follower", 3, "zk-quorum,zk-size,zk-unnamed")]
    [InlineData("leader,follower,follower,follower", 4, "zk-quorum,zk-even")]
    [InlineData("leader,follower", 2, "zk-quorum,zk-single")]
    [InlineData("leader,standalone", 3, "zk-quorum,zk-two-ensembles,zk-size,zk-unnamed")]
    [InlineData("follower", 0, "zk-quorum,zk-size")]
    public void What_an_ensemble_bears_is_told_by_its_servers(string modes, int members, string codes)
    {
        var ensemble = new EnsembleConfig(1, [.. Enumerable.Range(1, members).Select(i => new EnsembleMember(i, [], EnsembleRole.Participant, null))], "", default);
        var facts = Facts(null) with
        {
            Servers = [.. modes.Split(',').Select((mode, i) => Server($"zk{i}", mode))],
            Session = new(Session() with { Ensemble = new(ensemble, "") }, ""),
        };

        Assert.Equal(codes, string.Join(',', new QuorumCheck().Judge(facts).Select(finding => finding.Code)));
        Assert.Equal(members == 0 && modes == "follower", new QuorumCheck().Judge(facts).Any(finding => finding.Level == FindingLevel.NotChecked));
    }

    [Theory]
    [InlineData("3.8.0,3.8.0", "zk-version")]
    [InlineData("3.6.4", "zk-old")]
    [InlineData("3.4.14,3.8.0", "zk-versions-differ,zk-old")]
    public void An_old_version_is_told_by_what_it_lacks(string versions, string codes)
    {
        var findings = new ServerVersionsCheck().Judge(Facts(null) with { Servers = [.. versions.Split(',').Select((version, i) => Server($"zk{i}", "follower", version))] }).ToList();

        Assert.Equal(codes, string.Join(',', findings.Select(finding => finding.Code)));
        Assert.Equal(versions.StartsWith("3.4", StringComparison.Ordinal), findings.Exists(finding => finding is { Code: "zk-old", Level: FindingLevel.Warning } && finding.Text.Contains("persistent watches", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(4, "session-timeout")]
    [InlineData(6, "session-timeout-longer")]
    [InlineData(2, "session-timeout-shorter")]
    public void A_session_timeout_that_is_not_the_one_asked_for_is_told(int granted, string code) =>
        Assert.Equal(code, Assert.Single(new SessionTimeoutCheck().Judge(Facts(null) with { Session = new(Session() with { Granted = TimeSpan.FromSeconds(granted) }, "") })).Code);

    [Fact]
    public void Persistence_is_a_note_where_restarts_are_seen_and_a_warning_where_they_are_not()
    {
        ShardAnswer[] shards = [Info(A, ("aof_enabled", "1")), Info(B, ("rdb_saves", "2")), Info(C)];
        ShardStatus[] known = [.. new[] { A, B, C }.Select(shard => new ShardStatus(shard.Addr, true, Stamp) { RunId = "r" })];

        var seen = new PersistenceCheck().Judge(Facts(Count([A, B, C], 3, known)) with { Shards = shards }).ToList();
        var unseen = new PersistenceCheck().Judge(Facts(Count([A, B, C], 3)) with { Shards = shards }).ToList();
        var underGo = new PersistenceCheck().Judge(Facts(Count([A, B, C], 3, known, go: true)) with { Shards = shards }).ToList();

        Assert.Equal(["persistence-kept", "persistence-kept", "persistence"], seen.Select(finding => finding.Code));
        Assert.Equal(FindingLevel.NotChecked, seen[2].Level);
        Assert.Equal(["persistence-resurrects", "persistence-resurrects", "persistence"], unseen.Select(finding => finding.Code));
        Assert.Equal(unseen.Select(finding => finding.Code), underGo.Select(finding => finding.Code));
    }

    [Theory]
    [InlineData("allkeys-lru", 100, 10, 0, "memory")]
    [InlineData("allkeys-lru", 100, 95, 7, "memory-near")]
    [InlineData("allkeys-lru", 100, 10, 7, "evictions")]
    [InlineData("noeviction", 100, 95, 0, "policy-noeviction,memory-near")]
    [InlineData("noeviction", 0, 95, 0, "memory-unlimited")]
    [InlineData("volatile-lru", 100, 10, 0, "policy-volatile")]
    public void What_a_shard_does_when_it_is_full_is_told(string policy, long limit, long used, int evicted, string codes)
    {
        var facts = Facts(Count([A], 3)) with { Shards = [Info(A, ("maxmemory_policy", policy), ("maxmemory", $"{limit}"), ("used_memory", $"{used}"), ("evicted_keys", $"{evicted}"), ("db0", "keys=10,expires=4,avg_ttl=0"))] };

        Assert.Equal(codes, string.Join(',', new MemoryCheck().Judge(facts).Select(finding => finding.Code)));
    }

    [Fact]
    public void What_a_server_does_not_tell_is_not_called_well()
    {
        static ShardAnswer Without(Shard shard, string field)
        {
            var told = Info(shard).Answer.Value!;
            return new(shard, new(told with { Fields = told.Fields.Where(one => one.Key != field).ToDictionary(StringComparer.Ordinal) }, ""));
        }

        var facts = Facts(Count([A, B], 3));

        Assert.Equal(FindingLevel.NotChecked, Assert.Single(new ShardVersionsCheck().Judge(facts with { Shards = [Without(A, "redis_version"), Without(B, "redis_version")] })).Level);
        Assert.Equal([FindingLevel.Ok, FindingLevel.NotChecked], new ShardVersionsCheck().Judge(facts with { Shards = [Without(A, "redis_version"), Info(B)] }).Select(finding => finding.Level));
        Assert.Equal("shard-versions-differ", Assert.Single(new ShardVersionsCheck().Judge(facts with { Shards = [Info(A, ("valkey_version", "8.0.1")), Info(B, ("valkey_version", "8.1.0"))] })).Code);
        Assert.Equal(FindingLevel.NotChecked, Assert.Single(new MemoryCheck().Judge(facts with { Shards = [Without(A, "used_memory")] })).Level);
        Assert.Equal(FindingLevel.NotChecked, Assert.Single(new ServerVersionsCheck().Judge(facts with { Servers = [Server("zk0", "leader", "${version}")] })).Level);
        Assert.DoesNotContain("has written no snapshot", Assert.Single(new PersistenceCheck().Judge(facts with { Shards = [Info(A)] })).Text, StringComparison.Ordinal);
        Assert.Contains("has written no snapshot", Assert.Single(new PersistenceCheck().Judge(facts with { Shards = [Info(A, ("rdb_saves", "0"))] })).Text, StringComparison.Ordinal);

        // A vote from the future: this machine's clock is behind, and says nothing of how old the vote is.
        Assert.Equal(FindingLevel.NotChecked, Assert.Single(new VotesCheck().Judge(facts with { Now = DateTimeOffset.FromUnixTimeMilliseconds(Now - 60_000) })).Level);
    }

    [Theory]
    [InlineData("redis_version:7.0.15\r\nrun_id:r\r\n\r\n# Keyspace\r\n", 0L)]
    [InlineData("run_id:r\r\n# Keyspace\r\ndb0:keys=3,expires=1,avg_ttl=0\r\ndb7:keys=4,expires=4,avg_ttl=0\r\n", 7L)]
    [InlineData("redis_version:7.0.15\r\nrun_id:r\r\n", null)]
    public void A_server_that_does_not_tell_of_its_databases_is_not_called_empty(string info, long? keys) =>
        Assert.Equal(keys, new ShardFacts(":1", ShardFacts.Parse(info), null, TimeSpan.Zero).Keys);

    [Fact]
    public void Votes_that_are_all_old_are_silent_though_each_is_as_new_as_the_others()
    {
        var facts = Facts(Count([A], 3));

        Assert.Equal(FindingLevel.Ok, Assert.Single(new VotesCheck().Judge(facts with { Now = DateTimeOffset.FromUnixTimeMilliseconds(Now + 20_000) })).Level);
        Assert.Equal(("votes-silent", FindingLevel.Critical), Of(Assert.Single(new VotesCheck().Judge(facts with { Now = DateTimeOffset.FromUnixTimeMilliseconds(Now + 31_000) }))));
        Assert.Equal(FindingLevel.NotChecked, Assert.Single(new VotesCheck().Judge(Facts(Count([A], 3, go: true)))).Level);
    }

    [Theory]
    [InlineData(new[] { "web-1-1-0123abcd", "web-7-1-0123abcd", "db-1-1-0123abcd" }, "one-host", FindingLevel.Warning)]
    [InlineData(new[] { "web-1-1-0123abcd", "mail-7-1-0123abcd", "db-1-1-0123abcd" }, "checker-hosts", FindingLevel.Ok)]
    [InlineData(new[] { "web-1-1-0123abcd", "web-7-1-0123abcd", "checker3" }, "checker-hosts", FindingLevel.NotChecked)]
    [InlineData(new[] { "web-1-1-0123abcd" }, "checker-hosts", FindingLevel.NotChecked)]
    internal void Only_ids_that_checkers_made_tell_their_machines(string[] ids, string code, FindingLevel level) =>
        Assert.Equal((code, level), Of(Assert.Single(new CheckerHostsCheck().Judge(Facts(Count([A], 3, ids: ids))))));

    [Theory]
    [InlineData(130, 1, "clock-skew", FindingLevel.Warning)]
    [InlineData(-130, 1, "clock-skew", FindingLevel.Warning)]
    [InlineData(100, 1, "clock", FindingLevel.Ok)]
    [InlineData(130, 200, "clock", FindingLevel.NotChecked)]
    internal void Clocks_are_apart_only_where_it_is_certain(int difference, int uncertainty, string code, FindingLevel level) => Assert.Equal(
        (code, level), Of(new ClocksCheck().Judge(Facts(Count([A], 3)) with { ZooKeeperClock = new(new ClockLook(new(TimeSpan.FromMilliseconds(difference), TimeSpan.FromMilliseconds(uncertainty))), "") }).First()));

    [Fact]
    public void Shards_that_are_one_server_or_one_address_or_a_replica_are_named()
    {
        var facts = Facts(Count([A, B, C, C with { Name = "d" }], 3)) with { Shards = [Info(A, ("run_id", "x")), Info(B, ("run_id", "x")), Info(C, ("role", "slave"))] };

        Assert.Equal(["same-server", "replica"], new IdentityCheck().Judge(facts).Select(finding => finding.Code));
        Assert.Contains("--remove b", new IdentityCheck().Judge(facts).First().Remedy, StringComparison.Ordinal);
        Assert.Contains(new RingCheck().Judge(facts), finding => finding.Code == "same-address" && finding.Text.Contains("c and d", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Consistent", "", true)]
    [InlineData("Consistent", "160", false)]
    [InlineData("Ketama", "", false)]
    [InlineData("rendezvous", "8", false)]
    public void Points_that_are_not_given_are_those_that_the_ring_takes(string type, string parameters, bool few)
    {
        var fleet = Count([A, B, C], 3);
        var facts = Facts(fleet with { Cluster = fleet.Cluster with { Options = new ZKClusterOptions { RingType = type, RingParams = parameters } } });

        Assert.Equal(few, new RingCheck().Judge(facts).Any(finding => finding.Code == "ring-few-points" && finding.Text.StartsWith("3 points", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_skewed_ring_with_few_points_and_options_that_harm_are_told()
    {
        var cluster = Count([A, B, C], 3);
        var options = new ZKClusterOptions { RingType = RingTypes.Ketama, RingParams = "4", FailoverEnabled = false, MaxDeadPercent = 100, FlapPolicy = FlapPolicy.Off };
        var facts = Facts(cluster with { Cluster = cluster.Cluster with { Options = options, Shards = [A with { Drained = true }, B with { Weight = 7 }, C] } });

        Assert.Equal(["ring-skew", "ring-few-points"], new RingCheck().Judge(facts).Select(finding => finding.Code));
        Assert.Equal(["no-failover", "expected-unset", "brake-off", "flap-off", "drained", "history-outdated"], new OptionsCheck().Judge(facts).Select(finding => finding.Code));
    }

    private static (string, FindingLevel) Of(Finding finding) => (finding.Code, finding.Level);

    private static DoctorFacts Facts(Fleet? fleet) => new("orders", DateTimeOffset.FromUnixTimeMilliseconds(Now), TimeSpan.FromSeconds(5))
    {
        Servers = [Server("zk0", "standalone")], Session = new(Session(), ""), Fleet = new(fleet, "no fleet"), OpenNodes = new([], ""), Shards = [], ZooKeeperClock = new(null, "no vote"),
    };

    private static SessionFacts Session() => new(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(4), "zk0:2181") { Latencies = new(new(TimeSpan.Zero, TimeSpan.Zero), ""), Ensemble = new(null, "none") };

    private static ServerAnswer Server(string name, string mode, string version = "3.8.0") => new(name, new(new ZooKeeperServerStatistics(version, mode, 1, 1, 1, 1, 0, 5, null, null, null, ""), ""));

    private static ShardAnswer Info(Shard shard, params (string Name, string Value)[] more)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["redis_version"] = "7.0.15", ["run_id"] = shard.Name, ["role"] = "master", ["aof_enabled"] = "0", ["maxmemory"] = "100", ["maxmemory_policy"] = "allkeys-lru", ["used_memory"] = "1",
        };
        foreach (var (name, value) in more)
        {
            fields[name] = value;
        }

        return new(shard, new(new ShardFacts(shard.Addr, fields, new ClockReading(TimeSpan.Zero, TimeSpan.Zero), TimeSpan.FromMilliseconds(1)), ""));
    }

    private static Fleet Count(Shard[] shards, int expected, ShardStatus[]? statuses = null, bool go = false, string[]? ids = null)
    {
        Vote[] votes = [.. (ids ?? ["id-0", "id-1", "id-2"]).Select((id, i) => new Vote(
            $"n_000000000{i}", 0, 10 + i, Now,
            shards.DistinctBy(s => s.Addr).ToDictionary(s => s.Addr, s => new VoteEntry(new ShardStatus(s.Addr, true, Stamp)) { Seen = go ? null : Now * 1000, Checker = go ? null : id }, StringComparer.Ordinal)))];
        var status = (statuses ?? [.. shards.Select(static shard => new ShardStatus(shard.Addr, true, Stamp))]).DistinctBy(static s => s.Addr);
        return Fleets.Of(new ZKClusterInfo("orders", Stamp, new ZKClusterOptions { ExpectedCheckers = expected }, shards), [.. status], new DecisionsState([], 0, null), votes);
    }
}
