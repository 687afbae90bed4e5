using System.Diagnostics;
using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded.Kazoo;

/// <summary>One run of kazoo_suite.py as its own process, which dies with the test host.</summary>
internal sealed class KazooProcess : IDisposable
{
    // Longer than the script's own watchdog, which can tell where it hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(70);

    private readonly Process _process;
    private readonly List<string> _output = [];

    private KazooProcess(Process process) => _process = process;

    /// <summary>Runs a check and fails with all that it wrote when it does not hold.</summary>
    /// <param name="connectString">The server.</param>
    /// <param name="check">The check's name.</param>
    /// <param name="obey">Does what a line asks for; false when the line asks for nothing.</param>
    public static async Task CheckAsync(string connectString, string check, Func<string, Task<bool>>? obey = null)
    {
        var (exitCode, output, error) = await RunAsync([connectString, check], obey ?? (_ => Task.FromResult(false)));
        Assert.True(
            exitCode == 0 && output is [.., var verdict] && verdict == $"{check}: holds",
            $"kazoo ended with {exitCode}.\n{string.Join('\n', output)}\n{error}");
    }

    /// <summary>Lists the checks: the name, and whether it needs the server's help.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync()
    {
        var (exitCode, output, error) = await RunAsync(["--list"], _ => Task.FromResult(false));
        Assert.True(exitCode == 0, error);
        return output;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static async Task<(int ExitCode, IReadOnlyList<string> Output, string Error)> RunAsync(
        string[] arguments, Func<string, Task<bool>> obey)
    {
        var info = new ProcessStartInfo("setpriv")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var script = Path.Combine(AppContext.BaseDirectory, "Embedded", "Kazoo", "kazoo_suite.py");

        // Isolated: neither the user's packages nor the environment decide which kazoo runs.
        foreach (var argument in (string[])["--pdeathsig", "KILL", "/usr/bin/python3", "-I", "-X", "utf8", script, .. arguments])
        {
            info.ArgumentList.Add(argument);
        }

        using var process = new KazooProcess(await ProcessSpawner.StartAsync(info));
        var error = process._process.StandardError.ReadToEndAsync();
        try
        {
            await process.ConverseAsync(obey).WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            process._process.Kill();
            process._output.Add($"Killed: not over after {Patience}.");
        }

        await process._process.WaitForExitAsync();
        return (process._process.ExitCode, process._output, await error);
    }

    private async Task ConverseAsync(Func<string, Task<bool>> obey)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _output.Add(line);
            if (await obey(line))
            {
                await _process.StandardInput.WriteLineAsync("done");
                await _process.StandardInput.FlushAsync();
            }
        }
    }
}
