using System.Diagnostics;
using System.Text;
using RingKeeper.Testing;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>A web application of the folder samples as its own process, as users run it.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private const string Started = "Application started.";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly StringBuilder _log = new();

    private SampleProcess(Process process, Uri address)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = address, Timeout = Patience };
    }

    /// <summary>Starts a sample; returns when it serves.</summary>
    public static async Task<SampleProcess> StartAsync(string name, params string[] args)
    {
        // The tests' own output folder has the same name below the sample's.
        var bin = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var folder = Path.Combine(bin.Parent!.Parent!.FullName, name, bin.Name);
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var info = new ProcessStartInfo("setpriv") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var argument in (string[])["--pdeathsig", "KILL", "dotnet", Path.Combine(folder, $"{name}.dll"), $"--contentRoot={folder}", $"--urls={address}", .. args])
        {
            info.ArgumentList.Add(argument);
        }

        var sample = new SampleProcess(await ProcessSpawner.StartAsync(info), address);
        try
        {
            await sample.ReadUntilAsync(Started);
            return sample;
        }
        catch
        {
            await sample.DisposeAsync();
            throw;
        }
    }

    public Task<string> GetAsync(string path) => _http.GetStringAsync(path);

    /// <summary>Returns what the process has logged so far.</summary>
    public string QuoteLog() => _log.ToString();

    /// <summary>Asks the process to end, and reads the rest of its log.</summary>
    public async Task StopAsync()
    {
        ProcessSignals.Send(_process.Id, ProcessSignal.Terminate);
        _log.Append(await _process.StandardOutput.ReadToEndAsync().WaitAsync(Patience, TimeProvider.System));
        await _process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task ReadUntilAsync(string text)
    {
        while (!_log.ToString().Contains(text, StringComparison.Ordinal))
        {
            _log.AppendLine(await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience, TimeProvider.System)
                ?? throw new InvalidOperationException($"The sample ended: {QuoteLog()}"));
        }
    }
}
