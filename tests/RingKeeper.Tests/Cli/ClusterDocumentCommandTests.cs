using RingKeeper.Cli.Commands;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class ClusterDocumentCommandTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Importing_takes_every_option()
    {
        var request = await ParseAsync<ImportTwemproxyRequest>("cluster import twemproxy n.yml --pool alpha --name orders --expected-checkers 5 --json");

        Assert.NotNull(request.ZooKeeper);
        Assert.Equal(("n.yml", "alpha", "orders"), (request.File, request.Pool, request.Name));
        Assert.Equal((5, false, true), (request.ExpectedCheckers, request.DryRun, request.Json));
    }

    [Fact]
    public async Task A_dry_run_of_an_import_needs_no_ZooKeeper()
    {
        _cli.Variables.Clear();

        Assert.Null((await ParseAsync<ImportTwemproxyRequest>("cluster import twemproxy n.yml --dry-run")).ZooKeeper);
        Assert.Equal(2, await _cli.ParseAsync("cluster import twemproxy n.yml"));
    }

    [Fact]
    public async Task Exporting_takes_names_and_a_format()
    {
        var all = await ParseAsync<ExportClustersRequest>("cluster export");
        Assert.Equal((0, false), (all.Names.Count, all.Json));

        var two = await ParseAsync<ExportClustersRequest>("cluster export a b --format json");
        Assert.Equal(["a", "b"], two.Names);
        Assert.True(two.Json);
        Assert.Equal(2, await _cli.ParseAsync("cluster export --format xml"));
    }

    [Fact]
    public async Task Applying_needs_a_file_and_asks_nobody_where_nobody_is()
    {
        var request = await ParseAsync<ApplyClustersRequest>("cluster apply -f - --dry-run --yes --json");

        Assert.Equal(("-", false, true, true, true), (request.File, request.CanAsk, request.DryRun, request.Yes, request.Json));
        Assert.Equal("c.yaml", (await ParseAsync<ApplyClustersRequest>("cluster apply --file c.yaml")).File);
        Assert.Equal(2, await _cli.ParseAsync("cluster apply"));
    }

    private async Task<TRequest> ParseAsync<TRequest>(string line)
    {
        Assert.Equal(0, await _cli.ParseAsync(line));
        return Assert.IsType<TRequest>(_cli.Request);
    }
}
