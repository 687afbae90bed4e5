using System.Globalization;
using RingKeeper.IntegrationTests.Servers;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>Apache ZooKeeper, redis-server and a process a checker, all from outside; faults are signals.</summary>
public sealed class RealStack : ClusterStack
{
    private readonly TemporaryFolder _logs = new("checkers");
    private ApacheZooKeeper? _server;
    private TcpProxy? _toClients;
    private TcpProxy? _toCheckers;

    /// <summary>Whether clients and checkers reach ZooKeeper through a proxy each; the manager goes straight to it.</summary>
    public bool BehindProxies { get; init; }

    /// <summary>Further arguments of every redis-server.</summary>
    public IReadOnlyList<string> RedisArguments { get; init; } = [];

    public override string ZKServers => _server!.ConnectString;

    public override string ClientZKServers => _toClients?.Addr ?? ZKServers;

    /// <summary>What the clients' connections to ZooKeeper run through.</summary>
    public TcpProxy ClientProxy => _toClients!;

    /// <summary>What the checkers' connections to ZooKeeper run through.</summary>
    public TcpProxy CheckerProxy => _toCheckers!;

    public override Task StopZooKeeperAsync() => _server!.KillAsync();

    public override Task RestartZooKeeperAsync() => _server!.RestartAsync();

    /// <summary>Freezes ZooKeeper: connections stay and nothing answers.</summary>
    public void PauseZooKeeper() => _server!.Pause();

    public void ResumeZooKeeper() => _server!.Resume();

    protected override async Task StartZooKeeperAsync()
    {
        _server = await ApacheZooKeeper.StartAsync();
        if (BehindProxies)
        {
            _toClients = TcpProxy.Start(_server.Port);
            _toCheckers = TcpProxy.Start(_server.Port);
        }
    }

    protected override async Task<StackShard> StartShardServerAsync() => new RedisShard(await RedisServer.StartAsync(RedisArguments));

    internal override async Task<StackChecker> StartCheckerAsync(int number)
    {
        var process = await ChildProcess.StartAsync(
            "dotnet",
            "dotnet-sdk-10.0",
            [
                typeof(RingKeeper.Cli.ExitCodes).Assembly.Location, "checker", Name, "--zookeeper", _toCheckers?.Addr ?? ZKServers,
                "--interval", Milliseconds(Interval), "--threshold", Milliseconds(Threshold), "--session-timeout", Milliseconds(SessionTimeout), "--id", $"checker{number}",
            ],
            _logs.Combine($"checker{number}-{Guid.NewGuid():n}.log"));
        return new CheckerProcess(process);
    }

    protected override async ValueTask StopServersAsync()
    {
        foreach (var proxy in new[] { _toClients, _toCheckers })
        {
            if (proxy is not null)
            {
                await proxy.DisposeAsync();
            }
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _logs.Dispose();
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms");

    /// <summary>A checker as operators run it.</summary>
    internal sealed class CheckerProcess(ChildProcess process) : StackChecker
    {
        public void Send(ProcessSignal signal) => process.Send(signal);

        public int ProcessId => process.ProcessId;

        public bool HasExited => process.HasExited;

        public string QuoteLog() => process.QuoteLog();

        public Task WhenLoggedAsync(Func<string, bool> isWanted, CancellationToken cancellationToken) => process.WhenLoggedAsync(isWanted, cancellationToken);

        public override Task KillAsync() => process.KillAsync();

        public override Task StopAsync() => process.StopAsync();

        public override ValueTask DisposeAsync() => process.DisposeAsync();
    }

    internal sealed class RedisShard(RedisServer server) : StackShard
    {
        public RedisServer Server => server;

        public override string Addr => server.Addr;

        public override Task KillAsync() => server.KillAsync();

        public override void Hang() => server.Pause();

        public override void Resume() => server.Resume();

        public override Task RestartAsync() => server.RestartAsync();

        public override ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
