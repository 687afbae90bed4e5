using System.Net;
using System.Text.Json;
using RingKeeper.IntegrationTests.Cli;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Dashboard;

/// <summary>The dashboard of the command, as its own process.</summary>
[Trait("Speed", "Slow")]
public sealed class DashboardCommandTests : IAsyncLifetime
{
    private readonly EmbeddedStack _stack = new();

    public async ValueTask InitializeAsync() => await _stack.StartAsync(shards: 2, checkers: 1);

    public async ValueTask DisposeAsync() => await _stack.DisposeAsync();

    [Fact]
    public async Task It_says_where_it_serves_answers_to_loopback_alone_and_ends_by_a_signal()
    {
        await using var cli = await CliProcess.StartAsync("dashboard", "--zookeeper", _stack.ZKServers, "--http", ":0", "--json");
        var told = JsonSerializer.Deserialize<JsonElement>(await ReadObjectAsync(cli));
        using var http = new HttpClient { BaseAddress = new Uri(told.GetProperty("url").GetString()!) };

        Assert.Equal(["c1"], told.GetProperty("clusters").EnumerateArray().Select(static name => name.GetString()));
        Assert.Contains("shard1", await http.GetStringAsync(new Uri("/", UriKind.Relative), Cancel.Soon), StringComparison.Ordinal);
        Assert.Contains("ringkeeper_view_age_seconds", await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel.Soon), StringComparison.Ordinal);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "evil.example" } };
        using var refused = await http.SendAsync(foreign, Cancel.Soon);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, refused.StatusCode);

        await using var live = await LiveReader.OpenAsync(http, "/clusters/c1/live");
        await live.UntilAsync(static parts => parts.ContainsKey("shards"));
        cli.Send(ProcessSignal.Interrupt);
        var (code, _, error) = await cli.WaitAsync();
        Assert.True(code == 0, error);
        Assert.Equal("", error);
    }

    [Fact]
    public async Task A_cluster_that_is_missing_and_an_address_in_use_are_told()
    {
        var missing = await new CliCommand(_stack.ZKServers).RunAsync("dashboard", "nobody", "--http", ":0");
        Assert.Equal(1, missing.Code);
        Assert.Contains("nobody", missing.Error, StringComparison.Ordinal);

        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var refused = await new CliCommand(_stack.ZKServers).RunAsync("dashboard", "c1", "--http", $":{((IPEndPoint)taken.LocalEndpoint).Port}");
        Assert.Equal(1, refused.Code);
        Assert.Contains("--http", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_all_addresses_it_warns_that_anybody_sees_it()
    {
        await using var cli = await CliProcess.StartAsync("dashboard", "c1", "--zookeeper", _stack.ZKServers, "--http", "0.0.0.0:0");

        Assert.Contains("asks nobody who they are", await cli.ReadErrorLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("http://127.0.0.1:", await cli.ReadLineAsync(), StringComparison.Ordinal);
        cli.Send(ProcessSignal.Terminate);
        Assert.Equal(0, (await cli.WaitAsync()).ExitCode);
    }

    [Fact]
    public async Task The_demo_serves_its_page_and_says_first_where()
    {
        await using var cli = await CliProcess.StartAsync("demo", "--dashboard", "--keep");
        string line;
        do
        {
            line = await cli.ReadLineAsync();
        }
        while (!line.Contains("http://", StringComparison.Ordinal));
        using var http = new HttpClient();
        var page = await http.GetStringAsync(new Uri(line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Single(static word => word.StartsWith("http://", StringComparison.Ordinal))), Cancel.Soon);

        Assert.Contains("shard2", page, StringComparison.Ordinal);
        cli.Send(ProcessSignal.Interrupt);
        await cli.WaitAsync();
    }

    private static async Task<string> ReadObjectAsync(CliProcess cli)
    {
        var text = "";
        do
        {
            text += await cli.ReadLineAsync();
        }
        while (!text.TrimEnd().EndsWith('}'));
        return text;
    }
}
