using System.Diagnostics;
using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>The script of bash, run by bash.</summary>
public sealed class CompletionScriptTests
{
    // Fills in what readline would, and asks the function for words.
    private const string Driver = """
        ringkeeper() { dotnet "$RINGKEEPER_DLL" "$@"; }
        command() { "$@"; }
        source /dev/stdin <<< "$(ringkeeper completion bash)"
        complete -p ringkeeper
        for line in "$@"; do
            COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
            _ringkeeper
            echo "$line:${COMPREPLY[*]}"
        done
        """;

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Bash_completes_commands_options_values_and_names()
    {
        await using var zooKeeper = await EmbeddedZooKeeperServer.StartAsync();
        await using var manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = zooKeeper.ConnectString }, Cancel.Soon);
        await manager.CreateClusterAsync("orders", [new("east", ":1"), new("west:1", ":2"), new("w$(touch x)", ":3")], new ZKClusterOptions(), Cancel.Soon);
        var info = new ProcessStartInfo("bash") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        (info.Environment["RINGKEEPER_DLL"], info.Environment["RINGKEEPER_ZOOKEEPER"]) = (typeof(CliApp).Assembly.Location, zooKeeper.ConnectString);
        string[] lines = ["ringkeeper clu", "ringkeeper cluster ex", "ringkeeper status --wa", "ringkeeper cluster create x --ring Ke", "ringkeeper status ", "ringkeeper why orders ", "ringkeeper why orders west:"];
        foreach (var argument in (string[])["-c", Driver, "bash", .. lines])
        {
            info.ArgumentList.Add(argument);
        }

        using var bash = await ProcessSpawner.StartAsync(info);
        var output = bash.StandardOutput.ReadToEndAsync(Cancel.Soon);
        var error = bash.StandardError.ReadToEndAsync(Cancel.Soon);
        await bash.WaitForExitAsync(Cancel.Soon);

        Assert.Equal("", await error);
        Assert.Equal(
            [
                "complete -o bashdefault -o default -F _ringkeeper ringkeeper",
                "ringkeeper clu:cluster",
                "ringkeeper cluster ex:expire export",
                "ringkeeper status --wa:--watch",
                "ringkeeper cluster create x --ring Ke:Ketama",
                "ringkeeper status :orders",
                "ringkeeper why orders :east west:1",
                "ringkeeper why orders west::1",
            ],
            (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
