using RingKeeper.Cli;
using RingKeeper.Cli.Commands;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class CliParsingTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Creating_takes_shards_and_fills_in_the_defaults()
    {
        var request = await ParseAsync<CreateClusterRequest>("cluster create orders --shard a=10.0.0.1:6379 --shard b=[::1]:7000 c=:7001");

        Assert.Equal(
            [new Shard("a", "10.0.0.1:6379"), new Shard("b", "[::1]:7000"), new Shard("c", ":7001")], request.Shards);
        Assert.Equal(("zk.test:2181", "orders", "Consistent", "160"), (request.ZooKeeper.Servers, request.Name, request.RingType, request.RingParams));
        Assert.Equal((true, 3), (request.FailoverEnabled, request.ExpectedCheckers));
    }

    [Fact]
    public async Task Creating_takes_every_option()
    {
        var request = await ParseAsync<CreateClusterRequest>(
            "cluster create orders --shard a=h:1 --ring consistent --ring-params 40 --no-failover --expected-checkers 5");

        Assert.Equal("40", request.RingParams);
        Assert.Equal((false, 5), (request.FailoverEnabled, request.ExpectedCheckers));
    }

    [Fact]
    public async Task Creating_takes_a_pool_of_twemproxy()
    {
        var request = await ParseAsync<CreateClusterRequest>(
            "cluster create orders --shard 10.0.0.1:6379=10.0.0.1:6379 --shard b=h:2 --weight 10.0.0.1:6379=3 b=2 --ring Ketama --hash-tag {} --key-hash murmur");

        Assert.Equal([new Shard("10.0.0.1:6379", "10.0.0.1:6379") { Weight = 3 }, new Shard("b", "h:2") { Weight = 2 }], request.Shards);
        Assert.Equal(("Ketama", "160", "{}", "murmur"), (request.RingType, request.RingParams, request.HashTag, request.KeyHash));
    }

    [Theory]
    [InlineData("Rendezvous", "")]
    [InlineData("rendezvous", "")]
    [InlineData("ConsistentTagged", "160")]
    public async Task Every_ring_has_its_own_parameters_when_none_are_given(string type, string parameters)
    {
        var request = await ParseAsync<CreateClusterRequest>($"cluster create orders --shard a=h:1 --ring {type}");

        Assert.Equal((type, parameters), (request.RingType, request.RingParams));
        Assert.Equal((null, null), (request.HashTag, request.KeyHash));
    }

    [Theory]
    [InlineData("--weight b=2", "there is no such shard")]
    [InlineData("--weight a=2 --weight a=3", "given twice")]
    public async Task A_weight_that_fits_no_shard_is_wrong_use(string weights, string named)
    {
        Assert.Equal(2, await _cli.ParseAsync($"cluster create orders --shard a=h:1 {weights}"));

        Assert.Contains(named, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Updating_changes_weights() =>
        Assert.Equal([new ShardWeight("a", 7)], (await ParseAsync<UpdateClusterRequest>("cluster update orders --weight a=7")).Weights);

    [Theory]
    [InlineData("", null, FlapPolicy.Go)]
    [InlineData("--max-dead-percent 1 --flap-policy go", 1, FlapPolicy.Go)]
    [InlineData("--max-dead-percent 100 --flap-policy decaying", 100, FlapPolicy.Decaying)]
    [InlineData("--flap-policy OFF", null, FlapPolicy.Off)]
    public async Task Creating_takes_how_deaths_are_held_back(string options, int? percent, FlapPolicy policy)
    {
        var request = await ParseAsync<CreateClusterRequest>($"cluster create orders --shard a=h:1 {options}");

        Assert.Equal((percent, policy), (request.MaxDeadPercent, request.FlapPolicy));
    }

    [Theory]
    [InlineData("--max-dead-percent 70", 70, null)]
    [InlineData("--flap-policy decaying", null, FlapPolicy.Decaying)]
    public async Task Updating_changes_one_option_and_leaves_the_other(string options, int? percent, FlapPolicy? policy)
    {
        var request = await ParseAsync<UpdateClusterRequest>($"cluster update orders {options}");

        Assert.Equal((percent, policy), (request.MaxDeadPercent, request.FlapPolicy));
    }

    [Theory]
    [InlineData("", null, null)]
    [InlineData("--clock-tolerance 500ms --warm-return 10m", 500, 600_000)]
    [InlineData("--clock-tolerance 1ms --warm-return OFF", 1, null)]
    public async Task Creating_takes_what_holds_for_copies(string options, int? tolerance, int? warm)
    {
        var request = await ParseAsync<CreateClusterRequest>($"cluster create orders --shard a=h:1 {options}");

        Assert.Equal((tolerance, warm), ((int?)request.ClockTolerance?.TotalMilliseconds, (int?)request.WarmReturn?.TotalMilliseconds));
    }

    [Theory]
    [InlineData("--clock-tolerance 1m", 60_000, null)]
    [InlineData("--warm-return 1s", null, 1_000)]
    [InlineData("--warm-return off", null, 0)]
    public async Task Updating_tells_switching_off_from_leaving_alone(string options, int? tolerance, int? warm)
    {
        var request = await ParseAsync<UpdateClusterRequest>($"cluster update orders {options}");

        Assert.Equal((tolerance, warm), ((int?)request.ClockTolerance?.TotalMilliseconds, (int?)request.WarmReturn?.TotalMilliseconds));
    }

    [Theory]
    [InlineData("cluster create orders --shard a=h:1 --max-dead-percent 0", "--max-dead-percent 0")]
    [InlineData("cluster update orders --max-dead-percent 101", "--max-dead-percent 101")]
    [InlineData("cluster update orders --max-dead-percent half", "--max-dead-percent half")]
    [InlineData("cluster update orders --flap-policy soft", "--flap-policy soft: give one of go, decaying, off.")]
    [InlineData("cluster update orders --flap-policy 1", "--flap-policy 1")]
    [InlineData("cluster update orders", "--flap-policy POLICY")]
    [InlineData("cluster update orders", "--warm-return DURATION|off")]
    [InlineData("cluster create orders --shard a=h:1 --clock-tolerance 0ms", "--clock-tolerance 0ms: give a time from 1ms to 1m")]
    [InlineData("cluster update orders --clock-tolerance 61s", "--clock-tolerance 61s")]
    [InlineData("cluster update orders --clock-tolerance 1.5ms", "--clock-tolerance 1.5ms")]
    [InlineData("cluster update orders --clock-tolerance 250", "--clock-tolerance 250")]
    [InlineData("cluster update orders --clock-tolerance off", "--clock-tolerance off")]
    [InlineData("cluster create orders --shard a=h:1 --warm-return 999ms", "--warm-return 999ms: give a time from 1s to 1h")]
    [InlineData("cluster update orders --warm-return 2h", "--warm-return 2h")]
    [InlineData("cluster update orders --warm-return never", "or off")]
    [InlineData("shard drain orders", "SHARD")]
    [InlineData("shard drain orders a --timeout 3s", "--timeout bounds --wait")]
    [InlineData("shard undrain orders a --force", "--force")]
    public async Task A_bad_value_of_what_holds_deaths_back_is_wrong_use_and_named(string line, string named)
    {
        Assert.Equal(2, await _cli.ParseAsync(line));

        Assert.Contains(named, _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shard drain orders a", true, false, null)]
    [InlineData("shard drain orders a --force --wait", true, true, 30)]
    [InlineData("shard undrain orders a --wait --timeout 2m", false, false, 120)]
    public async Task A_drain_may_be_waited_for(string line, bool drained, bool force, int? seconds)
    {
        var request = await ParseAsync<DrainShardRequest>(line);

        Assert.Equal(("orders", "a", drained, force), (request.Name, request.Shard, request.Drained, request.Force));
        Assert.Equal(seconds, (int?)request.Wait?.TotalSeconds);
    }

    [Fact]
    public async Task Updating_adds_and_removes_in_one_step()
    {
        var request = await ParseAsync<UpdateClusterRequest>("cluster update orders --add c=h:3 --remove a --remove b");

        Assert.Equal([new Shard("c", "h:3")], request.Add);
        Assert.Equal(["a", "b"], request.Remove);
    }

    [Fact]
    public async Task A_checker_has_the_documented_defaults_and_takes_durations()
    {
        var standard = await ParseAsync<CheckerRequest>("checker orders");
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)), (standard.Interval, standard.Threshold));
        Assert.Equal((4, TimeSpan.FromSeconds(4)), (standard.WorkerCount, standard.SessionTimeout));

        var given = await ParseAsync<CheckerRequest>("checker orders --interval 500ms --threshold 1.5s --workers 8 --session-timeout 1m");
        Assert.Equal((TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(1500)), (given.Interval, given.Threshold));
        Assert.Equal((8, TimeSpan.FromMinutes(1)), (given.WorkerCount, given.SessionTimeout));
    }

    [Fact]
    public async Task The_other_commands_take_what_they_are_given()
    {
        Assert.True((await ParseAsync<DeleteClusterRequest>("cluster delete orders --force")).Force);
        Assert.Equal("orders", (await ParseAsync<ExpireClusterRequest>("cluster expire orders")).Name);
        Assert.True((await ParseAsync<ListClustersRequest>("cluster list --json")).Json);
        Assert.Equal("orders", (await ParseAsync<ShowClusterRequest>("cluster show orders")).Name);
        Assert.True((await ParseAsync<StatusRequest>("status orders --watch")).Watch);
        Assert.Equal(["k1", "k2"], (await ParseAsync<LocateRequest>("locate orders k1 k2")).Keys);
        Assert.Equal("v.json", (await ParseAsync<VerifyRingRequest>("ring verify v.json")).File);
        Assert.Equal(["a", "b"], (await ParseAsync<CompareRingsRequest>("ring compare --shard a b")).Names);
        Assert.Equal(2181, (await ParseAsync<ServeZooKeeperRequest>("zookeeper serve")).Port);
    }

    [Theory]
    [InlineData("--zookeeper other:1 cluster list")]
    [InlineData("cluster list --zookeeper other:1")]
    public async Task The_option_for_ZooKeeper_stands_anywhere_and_outranks_the_variable(string line)
    {
        Assert.Equal("other:1", (await ParseAsync<ListClustersRequest>(line)).ZooKeeper.Servers);
    }

    [Fact]
    public async Task A_demo_takes_no_ensemble_from_the_environment()
    {
        var alone = await ParseAsync<DemoRequest>("demo");
        Assert.Null(alone.ZooKeeper);
        Assert.Empty(alone.Redis);

        var given = await ParseAsync<DemoRequest>("demo --zookeeper z:1 --redis h:1,h:2 --keep --json");
        Assert.Equal("z:1", given.ZooKeeper?.Servers);
        Assert.Equal(["h:1", "h:2"], given.Redis);
        Assert.True(given is { Keep: true, Json: true });
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("cluster")]
    [InlineData("cluster create orders")]
    [InlineData("cluster create --shard a=h:1")]
    [InlineData("cluster create orders --shard foo")]
    [InlineData("cluster create orders --shard =h:1")]
    [InlineData("cluster create orders --shard a=h")]
    [InlineData("cluster create orders --shard a=h:1 --shard a=h:2")]
    [InlineData("cluster create orders --shard a=h:1 --shard b=h:1")]
    [InlineData("cluster create or/ders --shard a=h:1")]
    [InlineData("cluster create .. --shard a=h:1")]
    [InlineData("cluster create orders --shard a=h:1 --ring Ring")]
    [InlineData("cluster create orders --shard a=h:1 --ring-params 0")]
    [InlineData("cluster create orders --shard a=h:1 --ring-params 10001")]
    [InlineData("cluster create orders --shard a=h:1 --ring-params many")]
    [InlineData("cluster create orders --shard a=h:1 --expected-checkers 0")]
    [InlineData("cluster create orders --shard a=h:1 --failover --no-failover")]
    [InlineData("cluster create orders --shard a=h:1 --ring Rendezvous --ring-params 160")]
    [InlineData("cluster create orders --shard a=h:1 --key-hash sha1")]
    [InlineData("cluster create orders --shard a=h:1 --weight a")]
    [InlineData("cluster create orders --shard a=h:1 --weight a=0")]
    [InlineData("cluster create orders --shard a=h:1 --weight a=100001")]
    [InlineData("cluster create orders --shard a=h:1 --weight =2")]
    [InlineData("ring compare")]
    [InlineData("ring compare --shard a")]
    [InlineData("ring compare --shard a a b")]
    [InlineData("ring compare --shard a b --ring-params 3")]
    [InlineData("cluster update orders")]
    [InlineData("cluster update orders --add foo")]
    [InlineData("cluster show a/b")]
    [InlineData("cluster list --no-such-option")]
    [InlineData("checker orders --interval 1")]
    [InlineData("checker orders --interval 0s")]
    [InlineData("checker orders --workers 0")]
    [InlineData("locate orders")]
    [InlineData("ring verify")]
    [InlineData("zookeeper serve --port 65536")]
    [InlineData("zookeeper serve --port -1")]
    [InlineData("demo --redis h:1,h:2")]
    [InlineData("demo --zookeeper z:1")]
    [InlineData("demo --zookeeper z:1 --redis h:1")]
    [InlineData("demo --zookeeper z:1 --redis h:1,h")]
    public async Task Wrong_use_is_told_on_standard_error_and_ends_with_2(string line)
    {
        Assert.Equal(2, await _cli.ParseAsync(line));

        Assert.Null(_cli.Request);
        Assert.Empty(_cli.Output);
        Assert.StartsWith("ringkeeper: ", _cli.Error, StringComparison.Ordinal);
        Assert.Contains("--help'", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_shard_is_quoted_with_the_remedy()
    {
        await _cli.ParseAsync("cluster create orders --shard foo");

        Assert.Contains("'foo' is not a shard. Write NAME=ADDR", _cli.Error, StringComparison.Ordinal);
        Assert.Contains("see 'ringkeeper cluster create --help'", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_ZooKeeper_servers_are_wrong_use_and_the_remedy_is_named()
    {
        _cli.Variables.Clear();

        Assert.Equal(2, await _cli.ParseAsync("cluster list"));

        Assert.Contains("--zookeeper", _cli.Error, StringComparison.Ordinal);
        Assert.Contains("RINGKEEPER_ZOOKEEPER", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("checker orders")]
    [InlineData("demo")]
    public async Task Endpoints_among_the_Redis_settings_are_wrong_use_and_stay_secret(string line)
    {
        _cli.Variables["RINGKEEPER_REDIS"] = "hunter2";

        Assert.Equal(2, await _cli.ParseAsync(line));

        Assert.Contains("RINGKEEPER_REDIS", _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("cluster create --help")]
    [InlineData("--version")]
    public async Task Help_and_version_go_to_standard_output_and_end_with_0(string line)
    {
        Assert.Equal(0, await _cli.ParseAsync(line));

        Assert.NotEmpty(_cli.Output);
        Assert.Empty(_cli.Error);
    }

    private async Task<TRequest> ParseAsync<TRequest>(string line)
    {
        var exitCode = await _cli.ParseAsync(line);
        Assert.True(exitCode == 0, _cli.Error);
        return Assert.IsType<TRequest>(_cli.Request);
    }
}
