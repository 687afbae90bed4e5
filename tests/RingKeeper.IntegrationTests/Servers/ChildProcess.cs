using System.Diagnostics;
using System.Threading.Channels;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>A child process that dies with the test host, however that ends; both its outputs go to a log file.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int QuotedLogLines = 40;
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(10);

    // The shell and setpriv replace themselves by the program (exec), so the process id stays that of the program.
    private const string Script = "log=$1; shift; exec setpriv --pdeathsig KILL \"$@\" </dev/null >>\"$log\" 2>&1";

    private readonly Process _process;
    private readonly string _name;
    private readonly string _logFile;

    private ChildProcess(Process process, string name, string logFile)
    {
        _process = process;
        _name = name;
        _logFile = logFile;
    }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program of the search path.</summary>
    /// <exception cref="InvalidOperationException">The program is missing; the message names its Debian package.</exception>
    public static async Task<ChildProcess> StartAsync(
        string program, string package, IEnumerable<string> arguments, string logFile)
    {
        Require(program, package);
        Require("setpriv", "util-linux");
        var info = new ProcessStartInfo("/bin/sh")
        {
            UseShellExecute = false,
            WorkingDirectory = Path.GetDirectoryName(logFile),
        };
        foreach (var argument in (IEnumerable<string>)["-c", Script, "sh", logFile, program, .. arguments])
        {
            info.ArgumentList.Add(argument);
        }

        return new ChildProcess(await ProcessSpawner.StartAsync(info), program, logFile);
    }

    /// <summary>Returns the end of what the process wrote, for a failure message.</summary>
    public string QuoteLog()
    {
        if (!File.Exists(_logFile))
        {
            return $"{_name} wrote no log.";
        }

        var lines = ReadLog().TrimEnd().Split('\n');
        return $"The log of {_name} ends:{Environment.NewLine}{string.Join('\n', lines.TakeLast(QuotedLogLines))}";
    }

    /// <summary>Returns once the log of the process is as wanted.</summary>
    internal async Task WhenLoggedAsync(Func<string, bool> isWanted, CancellationToken cancellationToken)
    {
        var written = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(_logFile)!, Path.GetFileName(_logFile)) { NotifyFilter = NotifyFilters.Size | NotifyFilters.LastWrite };
        watcher.Changed += (_, _) => written.Writer.TryWrite(true);
        watcher.EnableRaisingEvents = true;
        while (!isWanted(ReadLog()))
        {
            await written.Reader.ReadAsync(cancellationToken);
        }
    }

    /// <summary>Sends a signal; nothing happens when the process has ended.</summary>
    public void Send(ProcessSignal signal)
    {
        if (!_process.HasExited)
        {
            ProcessSignals.Send(_process.Id, signal);
        }
    }

    /// <summary>Kills the process and returns when it is gone.</summary>
    public async Task KillAsync()
    {
        Send(ProcessSignal.Kill);
        await WaitForExitAsync();
    }

    /// <summary>Asks the process to end, also a paused one; kills it when it does not within ten seconds.</summary>
    public async Task StopAsync()
    {
        Send(ProcessSignal.Terminate);
        Send(ProcessSignal.Continue);
        try
        {
            await WaitForExitAsync();
        }
        catch (TimeoutException)
        {
            await KillAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private string ReadLog()
    {
        using var reader = new StreamReader(File.Open(_logFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    private Task WaitForExitAsync() => _process.WaitForExitAsync().WaitAsync(GracePeriod, TimeProvider.System);

    internal static void Require(string program, string package)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, program))))
        {
            throw new InvalidOperationException(
                $"{program} is not in the search path: install the Debian package {package}, or run ./test.sh as root, which does.");
        }
    }
}
