using System.Runtime.CompilerServices;
using RingKeeper.Testing;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The code of docs/client-faults.md, run as it stands there.</summary>
public sealed class ClientFaultsTests
{
    [Fact]
    public async Task The_code_of_the_page_runs()
    {
        await using var test = await RingKeeperTestCluster.StartAsync();
        await using var cluster = await test.ConnectAsync();
        await (await cluster.ConnectAsync("price:7")).Database.StringSetAsync("price:7", 5);

        // A read may be tried as often as it takes; the next shard on the ring serves it once the checkers have agreed.
        var price = await cluster.ExecuteAsync("price:7", route => route.Database.StringGetAsync("price:7"), CommandFlags.CommandRetryReadOnly);

        // A counter may not: it is tried again only while it surely was not sent.
        await cluster.ExecuteAsync("hits:7", route => route.Database.StringIncrementAsync("hits:7"), deadline: TimeSpan.FromSeconds(5));

        Assert.Equal(5, (int)price);
        Assert.Equal(1, (int)await (await cluster.ConnectAsync("hits:7")).Database.StringGetAsync("hits:7"));
    }

    [Fact]
    public void Every_line_of_code_of_the_page_stands_in_this_file()
    {
        var here = SourceFile();
        var source = File.ReadAllLines(here).Select(line => line.Trim()).ToHashSet();
        var page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "client-faults.md"));
        var code = page.Split("```csharp\n")[1].Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(4, code.Length);
        Assert.Equal([], code.Except(source));
    }

    private static string SourceFile([CallerFilePath] string path = "") => path;
}
