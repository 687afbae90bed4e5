using System.Globalization;
using RingKeeper.IntegrationTests.Servers;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>Apache ZooKeeper, redis-server and a process a checker, all from outside; faults are signals.</summary>
public sealed class RealStack : ClusterStack
{
    private readonly TemporaryFolder _logs = new("checkers");
    private ApacheZooKeeper? _server;

    public override string ZKServers => _server!.ConnectString;

    public override Task StopZooKeeperAsync() => _server!.KillAsync();

    public override Task RestartZooKeeperAsync() => _server!.RestartAsync();

    protected override async Task StartZooKeeperAsync() => _server = await ApacheZooKeeper.StartAsync();

    protected override async Task<StackShard> StartShardServerAsync() => new RedisShard(await RedisServer.StartAsync());

    internal override async Task<StackChecker> StartCheckerAsync()
    {
        var number = Checkers.Count;
        var process = await ChildProcess.StartAsync(
            "dotnet",
            "dotnet-sdk-10.0",
            [
                typeof(RingKeeper.Cli.ExitCodes).Assembly.Location, "checker", Name, "--zookeeper", ZKServers,
                "--interval", Milliseconds(Interval), "--threshold", Milliseconds(Threshold), "--session-timeout", Milliseconds(SessionTimeout),
            ],
            _logs.Combine($"checker{number}.log"));
        return new CheckerProcess(process);
    }

    protected override async ValueTask StopServersAsync()
    {
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

        public string QuoteLog() => process.QuoteLog();

        public override Task KillAsync() => process.KillAsync();

        public override Task StopAsync() => process.StopAsync();

        public override ValueTask DisposeAsync() => process.DisposeAsync();
    }

    private sealed class RedisShard(RedisServer server) : StackShard
    {
        public override string Addr => server.Addr;

        public override Task KillAsync() => server.KillAsync();

        public override void Hang() => server.Pause();

        public override void Resume() => server.Resume();

        public override Task RestartAsync() => server.RestartAsync();

        public override ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
