using System.Diagnostics;
using System.Globalization;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Packages;

/// <summary>The program tests/AotCheck, compiled by NativeAOT from the packages, without a warning since each would be an error.</summary>
[Collection(PackagesCollection.Name)]
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class NativeProgramTests(PackedFeed feed)
{
    [Fact]
    public async Task A_native_program_works_with_real_servers()
    {
        var program = Path.Combine(await feed.Native, "AotCheck");
        await using var zooKeeper = await ApacheZooKeeper.StartAsync();
        await using var first = await RedisServer.StartAsync();
        await using var second = await RedisServer.StartAsync();
        await using var third = await RedisServer.StartAsync();

        var lines = await RunAsync(program, zooKeeper.ConnectString, $"{first.Addr},{second.Addr},{third.Addr}");

        Assert.Equal("started", lines[0].Text);
        Assert.Equal("15 of 15 checks hold", lines[^1].Text);
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.GetDirectoryName(program)!), static file => file.EndsWith(".dll", StringComparison.Ordinal));
        RunReport.Write([string.Create(
            CultureInfo.InvariantCulture,
            $"NativeAOT: {new FileInfo(program).Length / 1e6:0.0} MB with every member of the four libraries; started after {lines[0].Time.TotalMilliseconds:0} ms, all checks done after {lines[^1].Time.TotalMilliseconds:0} ms")]);
    }

    // Each line, and when it came.
    private static async Task<List<(string Text, TimeSpan Time)>> RunAsync(string program, params string[] arguments)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var process = await ProcessSpawner.StartAsync(
            new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", program, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true });
        try
        {
            var (soon, lines) = (Cancel.Soon, new List<(string, TimeSpan)>());
            var errors = process.StandardError.ReadToEndAsync(soon);
            while (await process.StandardOutput.ReadLineAsync(soon) is { } line)
            {
                lines.Add((line, TimeProvider.System.GetElapsedTime(start)));
            }

            await process.WaitForExitAsync(soon);
            Assert.True(process.ExitCode == 0, $"It ended with {process.ExitCode}: {await errors}{string.Join('\n', lines)}");
            return lines;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
