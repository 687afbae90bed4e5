using System.Text.Json;
using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>What a load on real servers shows, and what it leaves behind.</summary>
public sealed class BenchCommandTests : IAsyncLifetime
{
    private readonly EmbeddedStack _stack = new() { RedisArguments = [] };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Fact]
    [Trait("Speed", "Slow")]
    [Trait("Run", "Alone")]
    public async Task A_load_shows_each_shard_and_one_alone_and_leaves_nothing_and_a_shard_that_dies_is_named_and_does_not_hold_it_up()
    {
        await _stack.StartAsync();
        var (code, output, error) = await new CliCommand(_stack.ZKServers).RunAsync("bench", "c1", "--duration", "1s", "--clients", "16", "--keys", "2000", "--seed", "7", "--json");

        Assert.True(code == 0, error);
        Assert.Contains("this writes to the real servers of cluster c1: 2000 keys ringkeeper:bench:", error, StringComparison.Ordinal);
        Assert.Contains("seed 7", error, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(output);
        var loads = json.RootElement.GetProperty("loads").EnumerateArray().ToList();
        Assert.Equal(["cluster", "shard1 alone"], loads.Select(load => load.GetProperty("name").GetString()));
        Assert.Equal(["shard1", "shard2", "shard3"], loads[0].GetProperty("shards").EnumerateArray().Select(shard => shard.GetProperty("name").GetString()));
        Assert.All(loads, load =>
        {
            Assert.True(load.GetProperty("operations").GetInt64() > 500);
            Assert.True(load.GetProperty("p50Milliseconds").GetDouble() > 0);
            Assert.True(load.GetProperty("p50Milliseconds").GetDouble() <= load.GetProperty("maxMilliseconds").GetDouble());
            Assert.InRange((double)load.GetProperty("reads").GetInt64() / load.GetProperty("operations").GetInt64(), 0.8, 1);
            Assert.Equal(0, load.GetProperty("errors").GetArrayLength());
            Assert.True(load.GetProperty("hits").GetInt64() > 0);
        });
        Assert.Equal(0, json.RootElement.GetProperty("keysLeft").GetInt32());
        Assert.Equal(0, await KeysAsync("shard1", "shard2", "shard3"));

        // A shard hangs during the run: the checkers find it, and what it held up is counted.
        var started = TimeProvider.System.GetTimestamp();
        await using var told = new StringWriter();
        await using var errors = new LineWriter();
        var environment = new CliEnvironment { Output = told, Error = errors, GetVariable = name => name == "RINGKEEPER_ZOOKEEPER" ? _stack.ZKServers : null };
        var running = new CliApp(environment, CliHandlers.Wired).RunAsync(["bench", "c1", "--duration", "2s", "--clients", "16", "--keys", "2000", "--json"], CancellationToken.None);
        await errors.WaitForAsync("loading cluster", Cancel.Soon);
        await Task.WhenAny(running, HungAsync("shard3"));

        Assert.Equal(0, await running.WaitAsync(TimeSpan.FromSeconds(40), Cancel.Soon));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(25));
        using var hung = JsonDocument.Parse(told.ToString());
        Assert.Contains(hung.RootElement.GetProperty("loads")[0].GetProperty("errors").EnumerateArray(), one => one.GetProperty("shard").GetString() == "shard3");
        _stack.Shards["shard3"].Resume();
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task After_Ctrl_C_the_keys_are_gone_and_those_that_could_stay_bear_an_expiry()
    {
        await _stack.StartAsync();
        using var stop = new CancellationTokenSource();
        await using var told = new StringWriter();
        await using var errors = new LineWriter();
        var environment = new CliEnvironment { Output = told, Error = errors, GetVariable = name => name == "RINGKEEPER_ZOOKEEPER" ? _stack.ZKServers : null };
        var running = new CliApp(environment, CliHandlers.Wired).RunAsync(["bench", "c1", "--duration", "10m", "--clients", "8", "--keys", "1000"], stop.Token);
        await errors.WaitForAsync("loading cluster", Cancel.Soon);
        await using var direct = await ConnectionMultiplexer.ConnectAsync(_stack.Shards["shard1"].Addr);
        var soon = Cancel.Soon;
        RedisKey written;
        while ((written = await direct.GetDatabase().KeyRandomAsync()) == default(RedisKey))
        {
            soon.ThrowIfCancellationRequested();
        }

        Assert.InRange((await direct.GetDatabase().KeyTimeToLiveAsync(written))!.Value.TotalSeconds, 60, 700);
        await stop.CancelAsync();

        Assert.Equal(1, await running.WaitAsync(TimeSpan.FromSeconds(20), Cancel.Soon));
        Assert.Contains("Cancelled.", errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await KeysAsync("shard1", "shard2", "shard3"));
    }

    // Hung once it has got some of the load.
    private async Task HungAsync(string shard)
    {
        await using (var direct = await ConnectionMultiplexer.ConnectAsync(_stack.Shards[shard].Addr))
        {
            var soon = Cancel.Soon;
            while ((await direct.GetDatabase().KeyRandomAsync()) == default(RedisKey))
            {
                soon.ThrowIfCancellationRequested();
            }
        }

        _stack.Shards[shard].Hang();
    }

    private async Task<long> KeysAsync(params string[] shards)
    {
        var keys = 0L;
        foreach (var shard in shards)
        {
            await using var direct = await ConnectionMultiplexer.ConnectAsync(_stack.Shards[shard].Addr);
            keys += (long)await direct.GetDatabase().ExecuteAsync("DBSIZE");
        }

        return keys;
    }
}
