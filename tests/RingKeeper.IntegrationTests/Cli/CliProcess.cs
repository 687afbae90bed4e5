using System.Diagnostics;
using RingKeeper.IntegrationTests.Servers;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>The ringkeeper command as its own process, as users run it.</summary>
internal sealed class CliProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private CliProcess(Process process) => _process = process;

    public static Task<CliProcess> StartAsync(params string[] args) => StartAsync(new Dictionary<string, string>(), args);

    /// <summary>Starts the command with further variables in its environment.</summary>
    public static async Task<CliProcess> StartAsync(IReadOnlyDictionary<string, string> environment, params string[] args)
    {
        // A run in the background may have SIGINT ignored, which children inherit and .NET keeps.
        var info = new ProcessStartInfo("env") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--default-signal=INT", .. environment.Select(static variable => $"{variable.Key}={variable.Value}"), "setpriv", "--pdeathsig", "KILL", "dotnet", Path.Combine(AppContext.BaseDirectory, "RingKeeper.Cli.dll"), .. args])
        {
            info.ArgumentList.Add(argument);
        }

        return new CliProcess(await ProcessSpawner.StartAsync(info));
    }

    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience, TimeProvider.System)
            ?? throw new InvalidOperationException($"The command ended: {await _process.StandardError.ReadToEndAsync()}");

    public async Task<string> ReadErrorLineAsync() =>
        await _process.StandardError.ReadLineAsync().WaitAsync(Patience, TimeProvider.System)
            ?? throw new InvalidOperationException("The command ended.");

    /// <summary>Hands on each line of standard error until the process ends.</summary>
    public async Task FollowErrorsAsync(Action<string> heard)
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            heard(line);
        }
    }

    /// <summary>Waits for the end, for as long as it may take; returns the exit code.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        await _process.WaitForExitAsync().WaitAsync(limit, TimeProvider.System);
        return _process.ExitCode;
    }

    public void Send(ProcessSignal signal) => ProcessSignals.Send(_process.Id, signal);

    /// <summary>Waits for the end; returns the exit code and the rest of both outputs.</summary>
    public async Task<(int ExitCode, string Output, string Error)> WaitAsync()
    {
        var output = _process.StandardOutput.ReadToEndAsync();
        var error = _process.StandardError.ReadToEndAsync();
        await _process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        return (_process.ExitCode, await output, await error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
