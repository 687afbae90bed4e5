using System.Runtime.CompilerServices;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.GoFleet;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The code of docs/coming-from-gorelib.md, run as it stands there but for the addresses, and the names in it.</summary>
public sealed class ComingFromGorelibTests
{
    [Fact]
    public async Task The_code_runs_on_a_cluster_that_a_Go_manager_made_and_changed()
    {
        await using var stack = new EmbeddedStack();
        await stack.StartEmptyAsync();
        await using var raw = await ZooKeeperClient.ConnectAsync(stack.ZKServers, Cancel.Soon);
        Shard[] shards = [await stack.StartShardAsync("a"), await stack.StartShardAsync("b")];
        await new GoManager(raw).CreateAsync("orders", shards, GoJson.Options(true, "Consistent", "160"));
        await using var checker = await ZKChecker.ConnectAsync(new ZKCheckerOptions { ZKServers = stack.ZKServers, ClusterName = "orders" }, Cancel.Soon);
        await checker.StartAsync(Cancel.Soon);
        await ConnectAsync(stack.ZKServers);
        await UpdateAsync(stack.ZKServers);
        await new GoManager(raw).UpdateAsync("orders", shards);

        Assert.Equal(["ExpectedCheckers"], (await stack.Manager.GetClusterAsync("orders", Cancel.Soon)).RestoredFields);
        await UpdateAsync(stack.ZKServers);
        var orders = await stack.Manager.GetClusterAsync("orders", Cancel.Soon);
        Assert.Empty(orders.RestoredFields);
        Assert.Equal(3, orders.Options.ExpectedCheckers);
    }

    [Fact]
    public void Every_line_of_code_stands_in_this_file()
    {
        var source = File.ReadAllLines(SourceFile()).Select(line => line.Trim()).ToHashSet();
        var code = new List<string>();
        var inCode = false;
        foreach (var line in Page())
        {
            inCode = line.StartsWith("```", StringComparison.Ordinal) ? line == "```csharp" : inCode;
            if (inCode && !line.StartsWith("```", StringComparison.Ordinal) && line.Trim().Length > 0)
            {
                code.Add(line.Trim().Replace("\"zk1:2181,zk2:2181,zk3:2181\"", "servers", StringComparison.Ordinal));
            }
        }

        Assert.True(code.Count > 8);
        Assert.Equal([], code.Except(source));
    }

    [Fact]
    public void Every_name_of_ours_in_its_table_exists()
    {
        var types = typeof(ZKCluster).Assembly.GetExportedTypes().Concat(typeof(ZooKeeperClient).Assembly.GetExportedTypes()).ToList();
        var known = types.SelectMany(t => t.GetMembers().Select(m => m.Name).Append(t.Name)).ToHashSet(StringComparer.Ordinal);
        var rows = Page().Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| Go |", StringComparison.Ordinal)).ToList();
        var names = rows.SelectMany(row => System.Text.RegularExpressions.Regex.Matches(row.Split('|')[2], "`(?<name>[A-Za-z.]+)[^`]*`", System.Text.RegularExpressions.RegexOptions.NonBacktracking | System.Text.RegularExpressions.RegexOptions.ExplicitCapture).SelectMany(m => m.Groups["name"].Value.Split('.'))).Distinct().ToList();

        Assert.True(names.Count > 40);
        Assert.Equal([], names.Where(name => !known.Contains(name)));
    }

    private static async Task ConnectAsync(string servers)
    {
        await using var cluster = await ZKCluster.ConnectAsync(servers, "orders");
        var route = await cluster.ConnectAsync("order:1000");
        await route.Database.StringSetAsync("order:1000", "paid");
        long since = route.ValidSince;
        Assert.True(since > 0);
    }

    private static async Task UpdateAsync(string servers)
    {
        await using var manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = servers });
        var orders = await manager.GetClusterAsync("orders");
        if (orders.RestoredFields.Count > 0)
        {
            await manager.UpdateClusterAsync(orders);
        }
        else
        {
            await manager.UpdateClusterAsync(orders with { Options = orders.Options with { ExpectedCheckers = 3 } });
        }
    }

    private static string[] Page() => File.ReadAllLines(Path.Combine(Path.GetDirectoryName(SourceFile())!, "..", "..", "..", "docs", "coming-from-gorelib.md"));

    private static string SourceFile([CallerFilePath] string path = "") => path;
}
