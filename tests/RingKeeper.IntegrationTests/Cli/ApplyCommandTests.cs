using System.Text;
using System.Text.Json;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary><c>cluster export</c> and <c>cluster apply</c> on a ZooKeeper.</summary>
public sealed class ApplyCommandTests : IAsyncLifetime
{
    private const string Orders = """
        name: orders
        options: {failoverEnabled: true, ringType: Rendezvous, expectedCheckers: 3}
        shards:
          - {name: a, addr: "10.0.0.1:6379"}
          - {name: b, addr: "10.0.0.2:6379"}
        """;

    private readonly TemporaryFolder _folder = new("apply");
    private EmbeddedZooKeeperServer _server = null!;
    private ZKManager _manager = null!;
    private CliCommand _cli = null!;

    private string File => _folder.Combine("c.yaml");

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedZooKeeperServer.StartAsync();
        _manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = _server.ConnectString }, Cancel.Soon);
        _cli = new CliCommand(_server.ConnectString);
        Assert.Equal((0, ""), await ApplyAsync(Orders));
    }

    public async ValueTask DisposeAsync()
    {
        await _manager.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("yaml")]
    [InlineData("json")]
    public async Task An_export_applied_changes_nothing_and_brings_a_lost_cluster_back_byte_for_byte(string format)
    {
        const string Options = """{"FailoverEnabled":false,"RingType":"Ketama","RingParams":"160","MaxDeadPercent":70,"FlapPolicy":"Off","HashTag":"{}","KeyHash":"md5","Later":{"b": 1.0,"a":"\u00fc"}}""";
        const string Shards = """[{"Name":"größe","Addr":"10.0.0.2:6379","Weight":3,"Drained":true},{"Name":"10.0.0.1:6379","Addr":"10.0.0.1:6379","Rack":"r'1\""}]""";
        await _manager.CreateClusterAsync("pool", [new("x", "h:1")], cancellationToken: Cancel.Soon);
        await _manager.Client.SetDataAsync(ZKPaths.Options("pool"), Encoding.UTF8.GetBytes(Options), cancellationToken: Cancel.Soon);
        await _manager.Client.SetDataAsync(ZKPaths.Shards("pool"), Encoding.UTF8.GetBytes(Shards), cancellationToken: Cancel.Soon);
        await _manager.Client.SetDataAsync(ZKPaths.Cluster("pool"), "7"u8.ToArray(), cancellationToken: Cancel.Soon);
        var revisions = await RevisionsAsync();

        var (code, export, _) = await _cli.RunAsync("cluster", "export", "--format", format);
        Assert.Equal(0, code);
        Assert.Equal(export, (await _cli.RunAsync("cluster", "export", "pool", "orders", "--format", format)).Output);
        var applied = await _cli.RunAsync(new StringReader(export), false, "cluster", "apply", "-f", "-");
        Assert.Equal((0, "cluster orders: is as described\ncluster pool: is as described\n", ""), (applied.Code, applied.Output, applied.Error));
        Assert.Equal(revisions, await RevisionsAsync());

        await _manager.DeleteClusterAsync("pool", cancellationToken: Cancel.Soon);
        Assert.Equal(0, (await _cli.RunAsync(new StringReader(export), false, "cluster", "apply", "-f", "-")).Code);
        Assert.Equal(Options, await DataAsync(ZKPaths.Options("pool")));
        Assert.Equal(Shards, await DataAsync(ZKPaths.Shards("pool")));
    }

    [Fact]
    public async Task A_dry_run_shows_what_changes_and_what_moves_and_writes_nothing()
    {
        var revisions = await RevisionsAsync();
        await System.IO.File.WriteAllTextAsync(File, $"{WithShardC}\n---\n{Orders.Replace("orders", "new", StringComparison.Ordinal)}", TestContext.Current.CancellationToken);

        var (code, output, error) = await _cli.RunAsync("cluster", "apply", "-f", File, "--dry-run");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("cluster orders: update\n  shard c: added, addr: \"10.0.0.3:6379\"\n  keys that move to another shard: 33", output, StringComparison.Ordinal);
        Assert.Contains(" of 100000 tried (33.", output, StringComparison.Ordinal);
        Assert.Contains("cluster new: create\n  option failoverEnabled: true\n", output, StringComparison.Ordinal);

        using var json = JsonDocument.Parse((await _cli.RunAsync("cluster", "apply", "-f", File, "--dry-run", "--json")).Output);
        Assert.Equal(2, json.RootElement.GetProperty("changes").GetInt32());
        var (orders, created) = (json.RootElement.GetProperty("clusters")[0], json.RootElement.GetProperty("clusters")[1]);
        Assert.Equal(("update", true), (orders.GetProperty("action").GetString(), orders.GetProperty("movesKeys").GetBoolean()));
        Assert.Equal(("create", JsonValueKind.Null), (created.GetProperty("action").GetString(), created.GetProperty("movement").ValueKind));
        var movement = orders.GetProperty("movement");
        var shards = movement.GetProperty("shards").EnumerateArray().ToDictionary(shard => shard.GetProperty("name").GetString()!);
        Assert.Equal((movement.GetProperty("moved").GetInt32(), 0), (shards["c"].GetProperty("gained").GetInt32(), shards["c"].GetProperty("lost").GetInt32()));
        Assert.Equal(100_000, shards.Values.Sum(shard => shard.GetProperty("before").GetInt32()));

        Assert.Equal(revisions, await RevisionsAsync());
        using var nothing = JsonDocument.Parse((await _cli.RunAsync(new StringReader(Orders), false, "cluster", "apply", "-f", "-", "--dry-run", "--json")).Output);
        Assert.Equal(0, nothing.RootElement.GetProperty("changes").GetInt32());
    }

    [Fact]
    public async Task Keys_move_only_with_a_yes()
    {
        var revisions = await RevisionsAsync();
        var (code, error) = await ApplyAsync(WithShardC);
        Assert.Equal(1, code);
        Assert.Contains("Keys of 'orders' would move", error, StringComparison.Ordinal);
        Assert.Equal(revisions, await RevisionsAsync());

        Assert.Equal((0, ""), await ApplyAsync(WithShardC, "--yes"));
        Assert.Equal(["a", "b", "c"], (await OrdersAsync()).Shards.Select(shard => shard.Name));
    }

    [Fact]
    public async Task What_moves_no_key_is_written_without_a_question()
    {
        Assert.Equal((0, ""), await ApplyAsync(Orders.Replace("expectedCheckers: 3", "expectedCheckers: 5", StringComparison.Ordinal)));
        Assert.Equal(5, (await OrdersAsync()).Options.ExpectedCheckers);
    }

    [Fact]
    public async Task An_export_holds_what_is_in_effect_and_applying_it_tells_what_a_manager_dropped()
    {
        var before = (await _cli.RunAsync("cluster", "export", "orders")).Output;
        await _manager.Client.SetDataAsync(ZKPaths.Options("orders"), Encoding.UTF8.GetBytes("""{"FailoverEnabled":true,"RingType":"Rendezvous","RingParams":""}"""), cancellationToken: Cancel.Soon);
        await _manager.Client.SetDataAsync(ZKPaths.Cluster("orders"), "8"u8.ToArray(), cancellationToken: Cancel.Soon);
        var revisions = await RevisionsAsync();

        var export = (await _cli.RunAsync("cluster", "export", "orders")).Output;
        Assert.Equal(before, export);
        Assert.Contains("expectedCheckers: 3", export, StringComparison.Ordinal);
        var applied = await _cli.RunAsync(new StringReader(export), false, "cluster", "apply", "-f", "-");
        Assert.Equal(0, applied.Code);
        Assert.StartsWith("cluster orders: is as described\n  a manager that does not know them dropped ExpectedCheckers;", applied.Output, StringComparison.Ordinal);
        Assert.EndsWith("so nothing is written\n", applied.Output, StringComparison.Ordinal);
        var json = await _cli.RunAsync(new StringReader(export), false, "cluster", "apply", "-f", "-", "--json");
        Assert.Contains("\"restoredFields\":[\"ExpectedCheckers\"]", json.Output.ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(revisions, await RevisionsAsync());

        var changed = await _cli.RunAsync(new StringReader(export.Replace("failoverEnabled: true", "failoverEnabled: false", StringComparison.Ordinal)), false, "cluster", "apply", "-f", "-");
        Assert.Equal(0, changed.Code);
        Assert.Contains("an update writes them back\n", changed.Output, StringComparison.Ordinal);
        Assert.Contains("\"ExpectedCheckers\":3", await DataAsync(ZKPaths.Options("orders")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", 0, 3)]
    [InlineData("YES", 0, 3)]
    [InlineData("n", 1, 2)]
    [InlineData("", 1, 2)]
    public async Task On_a_terminal_somebody_is_asked(string answer, int code, int shards)
    {
        await System.IO.File.WriteAllTextAsync(File, WithShardC, TestContext.Current.CancellationToken);

        var run = await _cli.RunAsync(new AskedPerson(answer), true, "cluster", "apply", "-f", File);

        Assert.Equal(code, run.Code);
        Assert.StartsWith("Write these changes? [y/N]\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(code == 0, run.Output.EndsWith("Updated cluster 'orders'\n", StringComparison.Ordinal));
        Assert.Equal(shards, (await OrdersAsync()).Shards.Count);
    }

    [Fact]
    public async Task What_somebody_else_changed_after_it_was_shown_is_not_lost()
    {
        await System.IO.File.WriteAllTextAsync(File, WithShardC, TestContext.Current.CancellationToken);
        var person = new AskedPerson("y", async () =>
        {
            var orders = await OrdersAsync();
            await _manager.UpdateClusterAsync(orders with { Shards = [.. orders.Shards, new Shard("z", "10.0.0.26:6379")] }, Cancel.Soon);
        });

        var run = await _cli.RunAsync(person, true, "cluster", "apply", "-f", File);

        Assert.Equal(1, run.Code);
        Assert.Contains("changed by somebody else", run.Error, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "z"], (await OrdersAsync()).Shards.Select(shard => shard.Name));
    }

    [Fact]
    public async Task A_cluster_that_somebody_else_created_after_it_was_shown_stays_theirs()
    {
        await System.IO.File.WriteAllTextAsync(File, Orders.Replace("orders", "new", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var person = new AskedPerson("y", () => _manager.CreateClusterAsync("new", [new("theirs", "h:1")], cancellationToken: Cancel.Soon));

        var run = await _cli.RunAsync(person, true, "cluster", "apply", "-f", File);

        Assert.Equal(1, run.Code);
        Assert.Equal("theirs", Assert.Single((await _manager.GetClusterAsync("new", Cancel.Soon)).Shards).Name);
    }

    [Theory]
    [InlineData("addr: \"10.0.0.2:6379\"", "addr: \"10.0.0.1:6379\"", "c.yaml, line 7: cluster 'bad': The shard address '10.0.0.1:6379' is given twice")]
    [InlineData("addr: \"10.0.0.2:6379\"", "adr: \"10.0.0.2:6379\"", "c.yaml, line 11: adr is not a field of a shard")]
    [InlineData("name: bad", "name: b/d", "cluster name 'b/d'")]
    public async Task A_file_with_a_flaw_writes_nothing_of_what_is_right(string good, string bad, string named)
    {
        var revisions = await RevisionsAsync();
        var second = Orders.Replace("orders", "bad", StringComparison.Ordinal).Replace(good, bad, StringComparison.Ordinal);

        var (code, error) = await ApplyAsync($"{Orders.Replace("name: orders", "name: fine", StringComparison.Ordinal)}\n---\n{second}", "--yes");

        Assert.Equal(1, code);
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.Equal(revisions, await RevisionsAsync());
    }

    [Fact]
    public async Task What_is_no_text_is_refused()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(WithShardC), 0xff];
        await System.IO.File.WriteAllBytesAsync(File, bytes, TestContext.Current.CancellationToken);
        using var input = new StreamReader(new MemoryStream(bytes), new UTF8Encoding(false, throwOnInvalidBytes: true));

        var (file, standard) = (await _cli.RunAsync("cluster", "apply", "-f", File, "--yes"), await _cli.RunAsync(input, false, "cluster", "apply", "-f", "-", "--yes"));

        Assert.Equal((1, $"ringkeeper: {File} is not text in UTF-8.\n"), (file.Code, file.Error));
        Assert.Equal((1, "ringkeeper: standard input is not text in UTF-8.\n"), (standard.Code, standard.Error));
        Assert.Equal(2, (await OrdersAsync()).Shards.Count);
    }

    [Fact]
    public async Task An_export_is_whole_or_says_that_it_is_not()
    {
        var missing = await _cli.RunAsync("cluster", "export", "orders", "nope");
        Assert.Equal((1, ""), (missing.Code, missing.Output));
        Assert.Contains("'nope'", missing.Error, StringComparison.Ordinal);

        await _manager.CreateClusterAsync("torn", [new("x", "h:1")], cancellationToken: Cancel.Soon);
        await _manager.Client.SetDataAsync(ZKPaths.Options("torn"), "{"u8.ToArray(), cancellationToken: Cancel.Soon);
        await _manager.Client.SetDataAsync(ZKPaths.Cluster("torn"), "7"u8.ToArray(), cancellationToken: Cancel.Soon);
        var partial = await _cli.RunAsync("cluster", "export");
        Assert.Equal(1, partial.Code);
        Assert.StartsWith("---\nname: orders\n", partial.Output, StringComparison.Ordinal);
        Assert.Contains("/goreclusters/torn/options", partial.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_of_another_identity_keeps_no_other_out_of_an_export_of_all()
    {
        var theirs = new ZKConnectorOptions { ZKServers = _server.ConnectString, DigestCredentials = "they:secret" };
        await using (var manager = await ZKManager.ConnectAsync(theirs, Cancel.Soon))
        {
            await manager.CreateClusterAsync("closed", [new("x", "h:1")], cancellationToken: Cancel.Soon);
        }

        var all = await _cli.RunAsync("cluster", "export");
        Assert.Equal(1, all.Code);
        Assert.StartsWith("---\nname: orders\n", all.Output, StringComparison.Ordinal);
        Assert.StartsWith("ringkeeper: cluster 'closed' is left out: ", all.Error, StringComparison.Ordinal);

        var named = await _cli.RunAsync("cluster", "export", "orders", "closed");
        Assert.Equal((1, ""), (named.Code, named.Output));
        Assert.Contains("RINGKEEPER_ZOOKEEPER_AUTH", named.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cluster", "apply", "-f")]
    [InlineData("cluster", "import", "twemproxy")]
    public async Task A_file_without_an_end_is_refused(params string[] command)
    {
        var (code, output, error) = await _cli.RunAsync([.. command, "/dev/zero"]);

        Assert.Equal((1, "", "ringkeeper: /dev/zero is longer than 16 Mi characters. Name a file of clusters or pools.\n"), (code, output, error));
    }

    private static string WithShardC => $"{Orders}\n  - {{name: c, addr: \"10.0.0.3:6379\"}}";

    private async Task<(int Code, string Error)> ApplyAsync(string text, params string[] options)
    {
        await System.IO.File.WriteAllTextAsync(File, text, TestContext.Current.CancellationToken);
        var (code, _, error) = await _cli.RunAsync(["cluster", "apply", "-f", File, .. options]);
        return (code, error);
    }

    private Task<ZKClusterInfo> OrdersAsync() => _manager.GetClusterAsync("orders", Cancel.Soon);

    private async Task<List<(string, ZKClusterRevision)>> RevisionsAsync() =>
        [.. (await _manager.GetClustersAsync(Cancel.Soon)).Select(cluster => (cluster.Name, cluster.Revision))];

    private async Task<string> DataAsync(string path) => Encoding.UTF8.GetString((await _manager.Client.GetDataAsync(path, Cancel.Soon)).Data);
}
