using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper.Embedded;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>Embedded ZooKeeper, Garnet and checkers in this process; or redis-server for the shards.</summary>
public sealed class EmbeddedStack : ClusterStack
{
    private EmbeddedZooKeeperServer? _server;

    public EmbeddedZooKeeperServer Server => _server!;

    /// <summary>Further arguments of every redis-server, where the shards are such; null if they are Garnet.</summary>
    public IReadOnlyList<string>? RedisArguments { get; init; }

    public override string ZKServers => _server!.ConnectString;

    public override Task StopZooKeeperAsync() => _server!.StopAsync();

    public override Task RestartZooKeeperAsync() => _server!.RestartAsync();

    protected override async Task StartZooKeeperAsync() => _server = await EmbeddedZooKeeperServer.StartAsync();

    protected override async Task<StackShard> StartShardServerAsync() =>
        RedisArguments is null ? new GarnetStackShard() : new RealStack.RedisShard(await RedisServer.StartAsync(RedisArguments));

    internal override async Task<StackChecker> StartCheckerAsync(int number)
    {
        var connector = ConnectorOptions();
        var checker = await ZKChecker.ConnectAsync(
            new ZKCheckerOptions { ZKServers = connector.ZKServers, ZKTimeout = connector.ZKTimeout, ClusterName = Name, CheckerId = $"checker{number}", Interval = Interval, Threshold = Threshold },
            Cancel.Soon);
        await checker.StartAsync();
        return new InProcessChecker(checker);
    }

    protected override async ValueTask StopServersAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private sealed class InProcessChecker(ZKChecker checker) : StackChecker
    {
        public override Task KillAsync() => checker.KillAsync();

        public override Task StopAsync() => checker.StopAsync();

        public override ValueTask DisposeAsync() => checker.DisposeAsync();
    }

    private sealed class GarnetStackShard : StackShard
    {
        private readonly GarnetShard _garnet = GarnetShard.Start();

        public override string Addr => _garnet.Addr;

        public override Task KillAsync() => _garnet.KillAsync();

        public override void Hang() => _garnet.Hang();

        public override void Resume() => _garnet.Resume();

        public override Task RestartAsync() => _garnet.RestartAsync();

        public override ValueTask DisposeAsync() => _garnet.DisposeAsync();
    }
}
