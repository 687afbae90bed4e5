using System.Text.Json;
using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>How the keys of real servers lie, by a sample and as a whole.</summary>
public sealed class BalanceCommandTests : IAsyncLifetime
{
    private const int Keys = 3_000;
    private readonly EmbeddedStack _stack = new() { RedisArguments = [] };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_sample_reads_no_more_than_was_asked_and_the_whole_finds_each_misplaced_key_and_the_biggest_with_its_bytes_escaped()
    {
        await _stack.StartAsync();
        var client = await _stack.ConnectAsync();
        await FillAsync(client);
        var ring = client.View.Ring;
        await WriteAsync(1, KeyAt(ring, owner: 0, next: 1, "failed over"));
        await WriteAsync(2, KeyAt(ring, owner: 0, next: 1, "lost"));
        byte[] hostile = [0x1b, (byte)'[', (byte)'3', (byte)'1', (byte)'m', 0xff, (byte)'\n'];
        await (await client.ConnectAsync((RedisKey)hostile, cancellationToken: Cancel.Soon)).Database.StringSetAsync((RedisKey)hostile, new byte[100_000], TimeSpan.FromMinutes(5));

        using var sampled = await JsonAsync("balance", "c1", "--sample", "300", "--rate", "100000", "--json");
        Assert.InRange(sampled.RootElement.GetProperty("sampled").GetInt32(), 295, 300);
        Assert.InRange(await CallsAsync("memory|usage"), 295, 300);
        Assert.True(await CallsAsync("scan") <= 6, "SCAN read on though the sample was full.");
        Assert.Equal(Keys + 3, sampled.RootElement.GetProperty("keys").GetInt32());

        using var all = await JsonAsync("balance", "c1", "--all", "--rate", "1000000", "--json");
        Assert.Equal(Keys + 3, all.RootElement.GetProperty("sampled").GetInt32());
        var shards = all.RootElement.GetProperty("shards").EnumerateArray().ToList();
        Assert.Equal((0, 1, 0), (shards[0].GetProperty("leftByFailover").GetInt32(), shards[1].GetProperty("leftByFailover").GetInt32(), shards[2].GetProperty("leftByFailover").GetInt32()));
        Assert.Equal((0, 0, 1), (shards[0].GetProperty("elsewhere").GetInt32(), shards[1].GetProperty("elsewhere").GetInt32(), shards[2].GetProperty("elsewhere").GetInt32()));
        Assert.StartsWith("lost", shards[2].GetProperty("examples")[0].GetProperty("key").GetString(), StringComparison.Ordinal);
        Assert.Equal("shard1", shards[2].GetProperty("examples")[0].GetProperty("owner").GetString());
        Assert.All(shards, shard => Assert.Equal(0, shard.GetProperty("bytesMargin").GetDouble(), 6));
        Assert.All(shards, shard => Assert.InRange(shard.GetProperty("keyShare").GetDouble() / shard.GetProperty("ringShare").GetDouble(), 0.8, 1.25));
        Assert.Equal(Keys / 2, shards.Sum(shard => shard.GetProperty("expiring").GetInt32()) - 1);
        Assert.Equal("\\x1b[31m\\xff\\x0a", all.RootElement.GetProperty("biggest")[0].GetProperty("key").GetString());

        // What a sample scales up to is right within what it says, here of values of one size.
        var truth = shards.Sum(shard => shard.GetProperty("bytes").GetDouble()) - 100_000;
        var guess = sampled.RootElement.GetProperty("shards").EnumerateArray().Sum(shard => shard.GetProperty("bytes").GetDouble());
        Assert.True(guess > truth * 0.9, $"{guess} of {truth}");

        var (_, text, _) = await Cli.RunAsync("balance", "c1", "--all", "--rate", "1000000");
        Assert.Contains("1 of the sampled keys lie on the next in line", text, StringComparison.Ordinal);
        Assert.Contains("\\x1b[31m\\xff\\x0a", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_dead_shard_is_left_out_and_told_and_Ctrl_C_gives_what_was_found_until_then()
    {
        await _stack.StartAsync();
        var client = await _stack.ConnectAsync();
        await FillAsync(client);
        await _stack.Shards["shard3"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard3"));
        var (code, output, _) = await Cli.RunAsync("balance", "c1", "--sample", "200", "--rate", "100000");
        Assert.Equal(1, code);
        Assert.Contains("shard3 was left out", output, StringComparison.Ordinal);

        using var stop = new CancellationTokenSource();
        await using var told = new StringWriter();
        await using var error = new LineWriter();
        var environment = new CliEnvironment { Output = told, Error = error, GetVariable = name => name == "RINGKEEPER_ZOOKEEPER" ? _stack.ZKServers : null };
        var running = new CliApp(environment, CliHandlers.Wired).RunAsync(["balance", "c1", "--all", "--rate", "100"], stop.Token);
        await error.WaitForAsync("looking at ", Cancel.Soon);
        await stop.CancelAsync();

        Assert.Equal(1, await running.WaitAsync(TimeSpan.FromSeconds(10), Cancel.Soon));
        Assert.Contains("it was cut short", told.ToString(), StringComparison.Ordinal);
        Assert.Contains("Cancelled.", error.ToString(), StringComparison.Ordinal);
    }

    private CliCommand Cli => new(_stack.ZKServers);

    private static string KeyAt(HashRing ring, int owner, int next, string prefix)
    {
        var order = new int[2];
        return Enumerable.Range(0, 100_000).Select(i => $"{prefix} {i}").First(key => ring.GetOrder(System.Text.Encoding.UTF8.GetBytes(key), order) == 2 && order[0] == owner && order[1] == next);
    }

    private static Task FillAsync(ZKCluster client) => Task.WhenAll(Enumerable.Range(0, Keys).Select(async i =>
    {
        RedisKey key = $"filled:{i}";
        await (await client.ConnectAsync(key, cancellationToken: Cancel.Soon)).Database.StringSetAsync(key, "a value", i % 2 == 0 ? new Expiration(TimeSpan.FromMinutes(5)) : Expiration.Default);
    }));

    private async Task WriteAsync(int shard, string key)
    {
        await using var direct = await ConnectionMultiplexer.ConnectAsync(_stack.Shards[$"shard{shard + 1}"].Addr);
        await direct.GetDatabase().StringSetAsync(key, "misplaced");
    }

    private async Task<int> CallsAsync(string command)
    {
        var calls = 0;
        foreach (var shard in _stack.Shards.Values)
        {
            await using var direct = await ConnectionMultiplexer.ConnectAsync($"{shard.Addr},allowAdmin=true");
            var stats = await direct.GetServer(shard.Addr).InfoRawAsync("commandstats");
            calls += stats!.Split('\n').Where(line => line.StartsWith($"cmdstat_{command}:", StringComparison.Ordinal)).Sum(line => int.Parse(line.Split('=', ',')[1], System.Globalization.CultureInfo.InvariantCulture));
        }

        return calls;
    }

    private async Task<JsonDocument> JsonAsync(params string[] args)
    {
        var (code, output, error) = await Cli.RunAsync(args);
        Assert.True(code == 0, $"{output}{error}");
        return JsonDocument.Parse(output);
    }
}
