using System.Collections.Immutable;
using CsCheck;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Simulator.Caches;
using RingKeeper.Testing;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Simulation;

/// <summary>What simulated shards do with the scripts of the Go package's format is what servers do with them: the same results, members, scores and lives, over random sequences.</summary>
public sealed class GoreLibModelTests
{
    private const int Sequences = 150;
    private const string Key = "k";

    // Few numbers, so that serials, bounds and tokens meet; some as long as times, some at the end of what doubles hold.
    private static readonly long[] Numbers = [1, 2, 3, 4, 1_893_456_000_000_000, 1_893_456_000_000_001, 1_893_456_000_500_000, (1L << 53) - 20];
    private static readonly Gen<long> Number = Gen.Int[0, Numbers.Length - 1].Select(static i => Numbers[i]);
    private static readonly Gen<byte[]> Payload = Gen.Byte[0, 20].Array[0, 2];

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (8, Gen.Select(Payload, Number, Number, Number, Gen.Bool, static (payload, now, least, most, lasts) => Step.Of(GoreLibScripts.Set, payload, now, least, most, lasts))),
        (6, Gen.Select(Payload, Number, Number, Number, Gen.Bool, static (payload, now, least, most, lasts) => Step.Of(GoreLibScripts.Set, payload, now, least, Math.Max(most, 1L << 52), lasts))),
        (6, Gen.Select(Gen.Select(Payload, Number, Number), Number, Gen.Bool, Gen.Select(Number, Gen.Bool), static (copy, most, lasts, token) =>
            Step.Of(GoreLibScripts.CheckAndSet, copy.Item1, copy.Item2, copy.Item3, most, lasts, token.Item1, token.Item2 ? 1 : 0))),
        (1, Gen.Select(Gen.Byte.Array[0, 30], Gen.Bool, static (text, isOwn) => new Step("SET", [isOwn ? (byte[])[.. CopyHeader.Magic, .. text] : text]))),
        (1, Gen.Const(new Step("DEL", []))));

    [Fact]
    public async Task The_model_of_the_scripts_does_what_redis_does()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await CompareAsync($"127.0.0.1:{server.Port}");
    }

    [Fact]
    public async Task The_model_of_the_scripts_does_what_Garnet_does()
    {
        await using var server = GarnetShard.Start();
        await CompareAsync(server.Addr);
    }

    private static async Task CompareAsync(string addr)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(addr);
        var database = connection.GetDatabase();
        await Steps.Array[1, 30].SampleAsync(
            async sequence =>
            {
                await database.KeyDeleteAsync(Key);
                var model = new Held(null, [], Lasts: true);
                foreach (var step in sequence)
                {
                    var (expected, next) = Model(step, model);
                    Assert.Equal(expected, await RunAsync(database, step));
                    await MeetsAsync(database, next);
                    model = next;
                }
            },
            iter: Sequences,
            threads: 1);
    }

    private static (string Result, Held Next) Model(Step step, Held held)
    {
        switch (step.What)
        {
            case "SET":
                return ("", new Held(step.Values[0], [], Lasts: true));
            case "DEL":
                return ("", new Held(null, [], Lasts: true));
            default:
                var reply = GoreLibModel.Run(step.What, held.Text, held.Members, step.Values);
                return reply.Serial is null ? ($"{reply.Code}", held) : (reply.Serial, new Held(null, reply.Members, step.Values[4].IsNullOrEmpty));
        }
    }

    private static async Task<string> RunAsync(IDatabase database, Step step)
    {
        switch (step.What)
        {
            case "SET":
                await database.StringSetAsync(Key, step.Values[0]);
                return "";
            case "DEL":
                await database.KeyDeleteAsync(Key);
                return "";
            default:
                return (string)(await database.ScriptEvaluateAsync(step.What, [Key], step.Values))!;
        }
    }

    private static async Task MeetsAsync(IDatabase database, Held held)
    {
        if (held.Text is { } text)
        {
            Assert.Equal(text, (byte[]?)await database.StringGetAsync(Key));
            return;
        }

        var members = await database.SortedSetRangeByRankWithScoresAsync(Key, 0, -1, Order.Descending);
        Assert.Equal(held.Members.Select(Text), members.Select(Text));
        if (members.Length > 0)
        {
            Assert.Equal(held.Lasts, await database.KeyTimeToLiveAsync(Key) is null);
        }
    }

    private static string Text(SortedSetEntry member) => $"{member.Score:F0} {Convert.ToHexString((byte[])member.Element!)}";

    private sealed record Held(byte[]? Text, ImmutableArray<SortedSetEntry> Members, bool Lasts);

    private sealed record Step(string What, RedisValue[] Values)
    {
        public static Step Of(string script, byte[] payload, long now, long least, long most, bool lasts, params ReadOnlySpan<RedisValue> more) =>
            new(script, [payload, now, least, most, lasts ? RedisValue.EmptyString : 60_000, CopyHeader.Magic.ToArray(), .. more]);
    }
}
