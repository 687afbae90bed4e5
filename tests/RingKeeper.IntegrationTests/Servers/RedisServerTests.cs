using System.Net.Sockets;
using Xunit;

namespace RingKeeper.IntegrationTests.Servers;

public sealed class RedisServerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_started_server_answers_on_its_port()
    {
        await using var redis = await RedisServer.StartAsync();
        using var client = await LineClient.ConnectAsync(redis.Port);

        Assert.Equal("+PONG\r\n", await client.AskAsync("PING\r\n"));
    }

    [Fact]
    public async Task A_killed_server_refuses_and_a_restarted_one_serves_on_the_same_port()
    {
        await using var redis = await RedisServer.StartAsync();
        var (port, processId) = (redis.Port, redis.ProcessId);

        await redis.KillAsync();
        await Assert.ThrowsAsync<SocketException>(() => LineClient.ConnectAsync(port));
        await redis.RestartAsync();

        Assert.Equal(port, redis.Port);
        Assert.NotEqual(processId, redis.ProcessId);
        using var client = await LineClient.ConnectAsync(port);
        Assert.Equal("+PONG\r\n", await client.AskAsync("PING\r\n"));
    }

    [Fact]
    public async Task A_paused_server_accepts_but_answers_only_after_resume()
    {
        await using var redis = await RedisServer.StartAsync();
        using var client = await LineClient.ConnectAsync(redis.Port);

        redis.Pause();
        var answer = client.AskAsync("PING\r\n");
        using var late = await LineClient.ConnectAsync(redis.Port);
        await WaitForStateAsync(redis.ProcessId, 'T');
        Assert.False(answer.IsCompleted);

        redis.Resume();
        Assert.Equal("+PONG\r\n", await answer.WaitAsync(Patience, TimeProvider.System));
    }

    [Fact]
    public async Task A_paused_server_can_be_stopped_and_disposed()
    {
        await using var redis = await RedisServer.StartAsync();
        redis.Pause();

        await redis.StopAsync();

        Assert.False(redis.IsRunning);
    }

    [Fact]
    public async Task A_server_with_a_password_is_taken_as_started()
    {
        await using var redis = await RedisServer.StartAsync(["--requirepass", "secret"]);
        using var client = await LineClient.ConnectAsync(redis.Port);

        Assert.StartsWith("-NOAUTH", await client.AskAsync("GET a\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_start_fails_with_its_log()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => RedisServer.StartAsync(["--no-such-option", "1"]));

        Assert.Contains("Bad directive or wrong number of arguments", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_program_is_named_with_its_package()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ChildProcess.StartAsync("no-such-server", "its-package", [], "unused.log"));

        Assert.Contains("no-such-server", failure.Message, StringComparison.Ordinal);
        Assert.Contains("its-package", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_process_id_is_that_of_the_server_and_its_parent_is_the_test_host()
    {
        await using var redis = await RedisServer.StartAsync();

        var status = await File.ReadAllTextAsync($"/proc/{redis.ProcessId}/stat", TestContext.Current.CancellationToken);

        Assert.Matches($@"^{redis.ProcessId} \(redis-server\) [A-Z] {Environment.ProcessId} ", status);
    }

    private static async Task WaitForStateAsync(int processId, char state)
    {
        while (!(await File.ReadAllTextAsync($"/proc/{processId}/stat")).Contains($") {state} ", StringComparison.Ordinal))
        {
            await Task.Yield();
        }
    }
}
