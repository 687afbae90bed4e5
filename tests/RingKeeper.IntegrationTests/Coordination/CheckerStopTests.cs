using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>A checker stops within seconds, whatever ZooKeeper does.</summary>
public sealed class CheckerStopTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(6);

    private readonly EmbeddedStack _stack = new();

    public async ValueTask InitializeAsync()
    {
        await _stack.StartEmptyAsync();
        await _stack.Manager.CreateClusterAsync(_stack.Name, [await _stack.StartShardAsync("shard1")], new ZKClusterOptions(), Cancel.Soon);
    }

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_ZooKeeper_hangs_or_is_away(bool hangs)
    {
        await using var proxy = TcpProxy.Start(_stack.Server.Port);
        var checker = await StartAsync(proxy.Addr);
        var client = await _stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        if (hangs)
        {
            proxy.Stall();
        }
        else
        {
            proxy.Refuse = true;
            await proxy.CutAllAsync();
        }

        await checker.DisposeAsync().AsTask().WaitAsync(Bound, CancellationToken.None);
    }

    [Fact]
    public async Task While_its_first_step_hangs()
    {
        await using var proxy = TcpProxy.Start(_stack.Server.Port);
        var checker = await ConnectAsync(proxy.Addr);
        proxy.Stall();
        await checker.StartAsync(Cancel.Soon);

        await checker.DisposeAsync().AsTask().WaitAsync(Bound, CancellationToken.None);
    }

    private Task<ZKChecker> ConnectAsync(string servers) => ZKChecker.ConnectAsync(
        new ZKCheckerOptions { ZKServers = servers, ZKTimeout = TimeSpan.FromSeconds(20), ClusterName = _stack.Name, Interval = _stack.Interval, Threshold = _stack.Threshold },
        Cancel.Soon);

    private async Task<ZKChecker> StartAsync(string servers)
    {
        var checker = await ConnectAsync(servers);
        await checker.StartAsync(Cancel.Soon);
        return checker;
    }
}
