using System.Diagnostics;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>Files that are pipes, as shells make them of a command's output, whose other end says nothing.</summary>
public sealed class CancelledReadTests
{
    [Theory]
    [InlineData("cluster", "list", "--config")]
    [InlineData("cluster", "apply", "-f")]
    public async Task One_signal_ends_a_command_that_waits_for_a_file(params string[] command)
    {
        using var folder = new TemporaryFolder("pipe");
        var pipe = folder.Combine("pipe");
        using (var mkfifo = Process.Start("mkfifo", ["-m", "600", pipe]))
        {
            await mkfifo.WaitForExitAsync(Cancel.Soon);
        }

        await using var cli = await CliProcess.StartAsync([.. command, pipe, "--zookeeper", "127.0.0.1:1"]);

        // Opens once the command has opened its end, and so waits for what is never written.
        await using var writer = await Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write)).WaitAsync(Cancel.Soon);
        cli.Send(ProcessSignal.Interrupt);
        var (code, output, error) = await cli.WaitAsync();

        Assert.Equal((1, "", "ringkeeper: Cancelled.\n"), (code, output, error));
    }
}
