using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>The client against a real Apache ZooKeeper.</summary>
[Trait("Speed", "Slow")]
public sealed class ApacheClientTests(ApacheClientTests.Fixture fixture) : ClientSuite(fixture), IClassFixture<ApacheClientTests.Fixture>
{
    [Fact]
    [Trait("Run", "Alone")]
    public async Task A_get_and_a_set_allocate_no_more_than_the_caller_receives()
    {
        const int Rounds = 5_000;
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        // Away from the test's context, which costs something for each wait.
        var (sets, gets) = await Task.Run(async () =>
        {
            var data = new byte[100];
            await SetAsync(data);
            await GetAsync();
            return (await SetAsync(data), await GetAsync());
        });

        // 124 bytes are the array that the caller of a get receives; the rest is what timers and the runtime take meanwhile.
        Assert.True(sets < 40 && gets < 124 + 40, $"{sets:0} B for a set, {gets:0} B for a get.");

        async Task<double> SetAsync(byte[] data)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Rounds; i++)
            {
                await client.SetDataAsync(root, data);
            }

            return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Rounds;
        }

        async Task<double> GetAsync()
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Rounds; i++)
            {
                await client.GetDataAsync(root);
            }

            return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Rounds;
        }
    }

    public sealed class Fixture : IZooKeeperUnderTest, IAsyncLifetime
    {
        private ApacheZooKeeper? _server;

        public int Port => Server.Port;

        public string ConnectString => Server.ConnectString;

        private ApacheZooKeeper Server => _server ?? throw new InvalidOperationException("The server has not been started.");

        public async ValueTask InitializeAsync() => _server = await ApacheZooKeeper.StartAsync();

        public Task StopAsync() => Server.StopAsync();

        public Task StartAsync() => Server.RestartAsync();

        public async ValueTask DisposeAsync()
        {
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }
        }
    }
}
