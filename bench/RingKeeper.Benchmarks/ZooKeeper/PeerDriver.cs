using System.Diagnostics;
using System.Globalization;

namespace RingKeeper.Benchmarks;

/// <summary>A program that drives another client; it does what it reads, line by line.</summary>
internal sealed class PeerDriver : IZooKeeperDriver, IAsyncDisposable
{
    private readonly Process _process;

    private PeerDriver(string name, Process process) => (Name, _process) = (name, process);

    public string Name { get; }

    public int ProcessId => _process.Id;

    /// <summary>Starts the C client's driver, which is compiled first.</summary>
    public static async Task<PeerDriver> StartCAsync(string server, string path, string folder)
    {
        var program = Path.Combine(folder, "zkbench");
        var compiled = await RunAsync("gcc", ["-O2", Source("zkbench.c"), "-lzookeeper_mt", "-lpthread", "-o", program]);
        return compiled is null
            ? await StartAsync("C client", program, [server, path])
            : throw new InvalidOperationException($"The C client's driver does not compile: {compiled} Install the Debian packages gcc, libc6-dev and libzookeeper-mt-dev.");
    }

    /// <summary>Starts kazoo's driver.</summary>
    public static Task<PeerDriver> StartKazooAsync(string server, string path) => StartAsync("kazoo", "/usr/bin/python3", [Source("zkbench.py"), server, path]);

    public Task<double> SequenceAsync(string operation, int count) => TimeAsync($"seq {operation} {count}");

    public Task<double> WindowAsync(string operation, int count, int outstanding) => TimeAsync($"win {operation} {count} {outstanding}");

    public async Task<IReadOnlyList<double>> WatchAsync(int count) =>
        [.. (await AskAsync($"watch {count}")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static text => double.Parse(text, CultureInfo.InvariantCulture))];

    public async ValueTask DisposeAsync()
    {
        // The end of its input ends it.
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static string Source(string name) => Path.Combine(AppContext.BaseDirectory, "ZooKeeper", name);

    private static async Task<PeerDriver> StartAsync(string name, string program, IEnumerable<string> arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new InvalidOperationException($"{program} did not start.");
        var driver = new PeerDriver(name, process);
        var first = await process.StandardOutput.ReadLineAsync();
        return first == "ready" ? driver : throw new InvalidOperationException($"The driver of {name} said '{first}' instead of 'ready'.");
    }

    private static async Task<string?> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })
            ?? throw new InvalidOperationException($"{program} did not start.");
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : errors;
    }

    private async Task<double> TimeAsync(string command)
    {
        var answer = (await AskAsync(command)).Split(' ');
        return answer is [var seconds, "0"]
            ? double.Parse(seconds, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"{Name} answered '{string.Join(' ', answer)}' to '{command}': operations failed, so the time means nothing.");
    }

    private async Task<string> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The driver of {Name} ended.");
    }
}
