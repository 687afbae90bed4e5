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
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private SampleProcess(Process process, Uri address)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = address, Timeout = Patience };
        _reading = ReadAsync();
    }

    public bool HasExited => _process.HasExited;

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
            await sample._started.Task.WaitAsync(Patience, TimeProvider.System);
            return sample;
        }
        catch
        {
            await sample.DisposeAsync();
            throw;
        }
    }

    public Task<string> GetAsync(string path) => _http.GetStringAsync(path);

    /// <summary>Asks for something to be done.</summary>
    public async Task SendAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Asks once; null when the application answers that it failed.</summary>
    /// <exception cref="HttpRequestException">There is no application.</exception>
    public async Task<string?> TryGetAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : null;
    }

    /// <summary>Returns what the process has logged so far.</summary>
    public string QuoteLog()
    {
        lock (_log)
        {
            return _log.ToString();
        }
    }

    /// <summary>Asks the process to end, and reads the rest of its log; returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        ProcessSignals.Send(_process.Id, ProcessSignal.Terminate);
        await _reading.WaitAsync(Patience, TimeProvider.System);
        await _process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        await _reading;
        _process.Dispose();
    }

    // To the end: a process whose output nobody reads stands still once the pipe is full.
    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_log)
            {
                _log.AppendLine(line);
            }

            if (line.Contains(Started, StringComparison.Ordinal))
            {
                _started.TrySetResult();
            }
        }

        _started.TrySetException(new InvalidOperationException($"The sample ended: {QuoteLog()}"));
    }
}
