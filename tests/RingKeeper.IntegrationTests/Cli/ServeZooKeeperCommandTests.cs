using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

public sealed class ServeZooKeeperCommandTests
{
    [Theory]
    [InlineData(ProcessSignal.Terminate)]
    [InlineData(ProcessSignal.Interrupt)]
    public async Task The_server_prints_its_address_serves_and_ends_well_on_a_signal(ProcessSignal signal)
    {
        await using var cli = await CliProcess.StartAsync("zookeeper", "serve", "--port", "0");
        var address = await cli.ReadLineAsync();
        Assert.StartsWith("127.0.0.1:", address, StringComparison.Ordinal);

        using (var client = await LineClient.ConnectAsync(int.Parse(address.Split(':')[1])))
        {
            Assert.Equal("imok", await client.AskAsync("ruok"));
        }

        cli.Send(signal);
        var (exitCode, output, error) = await cli.WaitAsync();

        Assert.Equal(0, exitCode);
        Assert.Empty(output);
        Assert.Contains("development only", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_ends_with_1_and_the_remedy()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var cli = await CliProcess.StartAsync("zookeeper", "serve", "--port", $"{redis.Port}");

        var (exitCode, output, error) = await cli.WaitAsync();

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.Contains($"port {redis.Port}", error, StringComparison.Ordinal);
        Assert.Contains("--port", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_use_ends_the_process_with_2()
    {
        await using var cli = await CliProcess.StartAsync("zookeeper", "serve", "--port", "many");

        var (exitCode, output, error) = await cli.WaitAsync();

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.Contains("--port many", error, StringComparison.Ordinal);
    }
}
