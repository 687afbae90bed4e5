using RingKeeper.Cli;

namespace RingKeeper.Tests.Cli;

/// <summary>Runs the command line with handlers that note what they were asked.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public Dictionary<string, string> Variables { get; } = new() { ["RINGKEEPER_ZOOKEEPER"] = "zk.test:2181" };

    /// <summary>The request that reached a handler, or null when none did.</summary>
    public object? Request { get; private set; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    /// <summary>Parses the words, which stand apart by blanks, and runs the command with noting handlers.</summary>
    public Task<int> ParseAsync(string line) => RunAsync(Noting(), line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public Task<int> RunAsync(CliHandlers handlers, params string[] args) =>
        RunAsync(handlers, CancellationToken.None, args);

    public async Task<int> RunAsync(CliHandlers handlers, CancellationToken cancellationToken, params string[] args)
    {
        var environment = new CliEnvironment { Output = _output, Error = _error, GetVariable = Variables.GetValueOrDefault };
        return await new CliApp(environment, handlers).RunAsync(args, cancellationToken);
    }

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    /// <summary>Handlers of all commands, which only note what they were asked.</summary>
    public CliHandlers Noting() => new()
    {
        Demo = Note,
        CreateCluster = Note,
        UpdateCluster = Note,
        DeleteCluster = Note,
        ExpireCluster = Note,
        ListClusters = Note,
        ShowCluster = Note,
        ExportClusters = Note,
        ApplyClusters = Note,
        ImportTwemproxy = Note,
        Checker = Note,
        Status = Note,
        Why = Note,
        DrainShard = Note,
        Locate = Note,
        Dashboard = Note,
        Events = Note,
        Simulate = Note,
        Completion = Note,
        Doctor = Note,
        Balance = Note,
        Bench = Note,
        VerifyRing = Note,
        CompareRings = Note,
        ServeZooKeeper = Note,
    };

    private Task<int> Note<TRequest>(TRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        Request = request;
        return Task.FromResult(0);
    }
}
