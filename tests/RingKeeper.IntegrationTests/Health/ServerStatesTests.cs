using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Health;

/// <summary>What real servers in odd states say to the probes.</summary>
public sealed class ServerStatesTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_restart_shows_as_another_run_id()
    {
        await using var server = await RedisServer.StartAsync();
        await using var probe = new PingProbe(server.Addr, null);
        var before = await ProbeAsync(probe);

        await server.RestartAsync();

        var after = await ProbeAsync(probe);
        Assert.Equal(ProbeOutcome.Alive, after.Outcome);
        Assert.NotNull(after.RunId);
        Assert.NotEqual(before.RunId, after.RunId);
    }

    [Fact]
    public async Task A_change_of_role_shows_on_the_kept_connection()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{server.Addr},allowAdmin=true");
        await using var probe = new PingProbe(server.Addr, null);
        var before = await ProbeAsync(probe);

        await redis.GetDatabase().ExecuteAsync("REPLICAOF", "127.0.0.1", "1");

        var after = await ProbeAsync(probe);
        Assert.Equal(("master", "slave"), (before.Role, after.Role));
        Assert.Equal(before.RunId, after.RunId);
    }

    [Fact]
    public async Task A_user_who_may_only_ping_still_finds_out_that_the_shard_lives()
    {
        await using var server = await RedisServer.StartAsync(["--user", "weak", "on", ">weak-password", "-@all", "+ping"]);
        await using var probe = new PingProbe(server.Addr, options => (options.User, options.Password) = ("weak", "weak-password"));

        for (var i = 0; i < 2; i++)
        {
            var result = await ProbeAsync(probe);
            Assert.Equal((ProbeOutcome.Alive, null, null), (result.Outcome, result.RunId, result.Role));
            Assert.StartsWith("NOPERM", result.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_that_closes_at_INFO_is_alive_and_soon_not_asked_for_it()
    {
        await using var listener = new AnsweringListener(async (stream, stop) =>
        {
            var buffer = new byte[1000];
            while (await stream.ReadAsync(buffer, stop) is > 0 and var read)
            {
                await stream.WriteAsync("+PONG\r\n"u8.ToArray(), stop);
                if (read > 14)
                {
                    return;
                }
            }
        });
        await using var probe = new PingProbe(listener.Addr, null);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(ProbeOutcome.Alive, (await ProbeAsync(probe)).Outcome);
        }

        Assert.Equal(3, listener.Accepted);
        Assert.Contains("INFO", (await ProbeAsync(probe)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_loads_its_data_is_not_ready_and_already_another_run()
    {
        // A key takes 50 ms to load, and the server listens between two keys.
        await using var server = await RedisServer.StartAsync(["--key-load-delay", "50000", "--loading-process-events-interval-bytes", "1024"]);
        await using (var redis = await ConnectionMultiplexer.ConnectAsync($"{server.Addr},allowAdmin=true"))
        {
            var values = Enumerable.Range(0, 200).Select(i => KeyValuePair.Create((RedisKey)$"k{i}", (RedisValue)new byte[4096])).ToArray();
            await redis.GetDatabase().StringSetAsync(values);
            await redis.GetDatabase().ExecuteAsync("SAVE");
        }

        await using var probe = new PingProbe(server.Addr, null);
        var before = await ProbeAsync(probe);
        await server.RestartAsync();

        var loading = await ProbeAsync(probe);

        Assert.Equal(ProbeOutcome.Unready, loading.Outcome);
        Assert.StartsWith("LOADING", loading.Detail, StringComparison.Ordinal);
        Assert.NotEqual(before.RunId, loading.RunId);
    }

    [Fact]
    public async Task A_server_that_cannot_save_takes_no_writes()
    {
        await using var server = await RedisServer.StartAsync(["--save", "3600", "1"]);
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{server.Addr},allowAdmin=true");
        await using var probe = new PingProbe(server.Addr, null);
        Assert.Equal(ProbeOutcome.Alive, (await ProbeAsync(probe)).Outcome);
        var folder = (string)((RedisResult[])(await redis.GetDatabase().ExecuteAsync("CONFIG", "GET", "dir"))!)[1]!;
        Directory.Delete(folder, recursive: true);

        await redis.GetDatabase().ExecuteAsync("BGSAVE");

        // Until the process that was to save has ended.
        using var bound = new CancellationTokenSource(Soon);
        ProbeResult result;
        while ((result = await probe.ProbeAsync(bound.Token)).Outcome == ProbeOutcome.Alive)
        {
        }

        Assert.Equal(ProbeOutcome.Unwritable, result.Outcome);
        Assert.StartsWith("MISCONF", result.Detail, StringComparison.Ordinal);
        Assert.NotNull(result.RunId);
    }

    [Fact]
    public async Task A_write_probe_writes_a_key_of_its_own_that_expires()
    {
        await using var server = await RedisServer.StartAsync(
            ["--user", "writer", "on", ">writer-password", "-@all", "+ping", "+info", "+set", "+get", "~ringkeeper:probe:*"]);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.Addr);
        await using var probe = new WriteProbe(server.Addr, options => (options.User, options.Password) = ("writer", "writer-password"));

        for (var i = 0; i < 3; i++)
        {
            var result = await ProbeAsync(probe);
            Assert.Equal((ProbeOutcome.Alive, null, "master"), (result.Outcome, result.Detail, result.Role));
            Assert.NotNull(result.RunId);
        }

        var key = Assert.Single(redis.GetServers()[0].Keys(pattern: "*").ToList());
        Assert.StartsWith(WriteProbe.KeyPrefix, key.ToString(), StringComparison.Ordinal);
        Assert.InRange((await redis.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_write_probe_of_a_replica_finds_that_it_takes_no_writes_where_PING_is_content()
    {
        await using var server = await RedisServer.StartAsync(["--replicaof", "127.0.0.1", "1"]);
        await using var write = new WriteProbe(server.Addr);
        await using var ping = new PingProbe(server.Addr, null);

        var (written, pinged) = (await ProbeAsync(write), await ProbeAsync(ping));

        Assert.Equal((ProbeOutcome.Unwritable, "slave"), (written.Outcome, written.Role));
        Assert.StartsWith("READONLY", written.Detail, StringComparison.Ordinal);
        Assert.Equal((ProbeOutcome.Alive, "slave"), (pinged.Outcome, pinged.Role));
    }

    [Fact]
    public async Task A_write_probe_of_a_full_server_finds_that_it_takes_no_writes()
    {
        await using var server = await RedisServer.StartAsync(["--maxmemory", "1kb", "--maxmemory-policy", "noeviction"]);
        await using var probe = new WriteProbe(server.Addr);

        var result = await ProbeAsync(probe);

        Assert.Equal(ProbeOutcome.Unwritable, result.Outcome);
        Assert.StartsWith("OOM", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_probe_without_the_right_to_write_is_a_configuration_error()
    {
        await using var server = await RedisServer.StartAsync(["--user", "reader", "on", ">reader-password", "-@all", "+ping", "+info"]);
        await using var probe = new WriteProbe(server.Addr, options => (options.User, options.Password) = ("reader", "reader-password"));

        Assert.Equal(ProbeOutcome.Misconfigured, (await ProbeAsync(probe)).Outcome);
    }

    [Fact]
    public async Task Garnet_tells_its_run_id_and_role_too()
    {
        await using var shard = GarnetShard.Start();
        await using var probe = new PingProbe(shard.Addr, null);

        var result = await ProbeAsync(probe);

        Assert.Equal((ProbeOutcome.Alive, "master"), (result.Outcome, result.Role));
        Assert.Matches("^[0-9a-f]{40}$", result.RunId);
    }

    private static async Task<ProbeResult> ProbeAsync(IShardProbe probe)
    {
        using var deadline = new CancellationTokenSource(Soon);
        return await probe.ProbeAsync(deadline.Token);
    }
}
