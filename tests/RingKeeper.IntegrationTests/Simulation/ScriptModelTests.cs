using System.Buffers.Binary;
using CsCheck;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Simulator.Caches;
using RingKeeper.Testing;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Simulation;

/// <summary>What simulated shards do with the scripts of the cache is what servers do with them: the same results and the same bytes, over random sequences.</summary>
public sealed class ScriptModelTests
{
    private const int Sequences = 150;
    private const string Key = "k";

    // Few numbers, so that epochs, versions and tokens meet; some at the ends of what eight bytes hold.
    private static readonly Gen<ulong> Number = Gen.OneOf(0UL, 1UL, 2UL, 3UL, 0xFFFF_FFFFUL, 0x1_0000_0000UL, 1_893_456_000_000_000UL, ulong.MaxValue - 1, ulong.MaxValue);

    private static readonly Gen<byte[]> Head = Gen.Select(Number, Number, Gen.UInt[0, 2], static (epoch, version, nonce) =>
    {
        var bytes = new byte[20];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, epoch);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), version);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), nonce);
        return bytes;
    });

    private static readonly Gen<byte[]> Copy = Gen.Select(Head, Gen.Byte[0, 2], Gen.Byte.Array[0, 12], static (head, kind, payload) => (byte[])[.. CopyHeader.Magic, kind, 0, 0, 0, .. head, .. payload]);

    private static readonly Gen<byte[]> Least = Number.Select(static number =>
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    });

    // Told by itself, whatever its bytes are.
    private static readonly byte[] TokenOfWhatIsThere = new byte[20];
    private static readonly byte[] HeadOfWhatIsThere = new byte[CopyHeader.ShortLength];

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (6, Copy.Select(static copy => new Step(OwnScripts.Set, copy, [], []))),
        (3, Gen.Select(Copy, Least, static (copy, least) => new Step(OwnScripts.CheckAndSet, copy, [], least))),
        (3, Gen.Select(Copy, Head, Least, static (copy, token, least) => new Step(OwnScripts.CheckAndSet, copy, token, least))),
        (4, Gen.Select(Copy, Least, static (copy, least) => new Step(OwnScripts.CheckAndSet, copy, TokenOfWhatIsThere, least))),
        (2, Gen.Select(Least, Least, static (least, epoch) => new Step(OwnScripts.Remove, [], epoch, least))),
        (2, Gen.Select(Copy, Least, static (intent, least) => new Step(WarmScripts.Intend, intent[..CopyHeader.ShortLength], [], least))),
        (1, Gen.Select(Copy, Copy, static (copy, intent) => new Step(WarmScripts.Fill, copy, intent[..CopyHeader.ShortLength], []))),
        (2, Copy.Select(static copy => new Step(WarmScripts.Fill, copy, HeadOfWhatIsThere, []))),
        (1, Gen.Byte.Array[0, 40].Select(static bytes => new Step("SET", bytes, [], []))),
        (1, Gen.Const(new Step("DEL", [], [], []))));

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
                byte[]? stored = null;
                foreach (var step in sequence)
                {
                    var token = ReferenceEquals(step.Token, TokenOfWhatIsThere) ? (stored is { Length: >= 28 } ? stored[8..28] : [])
                        : ReferenceEquals(step.Token, HeadOfWhatIsThere) && stored is { Length: >= CopyHeader.ShortLength } ? stored[..CopyHeader.ShortLength]
                        : step.Token;
                    var (expected, next) = Model(step, token, stored);
                    var actual = await RunAsync(database, step, token);
                    byte[]? there = await database.StringGetAsync(Key);
                    Assert.Equal(expected, actual);
                    Assert.Equal(next, there);
                    stored = next;
                }
            },
            iter: Sequences,
            threads: 1);
    }

    private static (string Result, byte[]? Stored) Model(Step step, byte[] token, byte[]? stored)
    {
        switch (step.What)
        {
            case "SET":
                return ("", step.Copy);
            case "DEL":
                return ("", null);
            case OwnScripts.Remove:
                var removed = ScriptModel.Remove(stored, step.Least, token);
                return ($"{removed}", removed < 0 ? stored : null);
            case WarmScripts.Intend:
                var intended = ScriptModel.Run(step.What, stored, step.Copy, step.Least, []);
                return ($"{intended.Code}", intended.Stored ?? stored);
            default:
                var reply = ScriptModel.Run(step.What, stored, step.Copy, token, step.Least);
                return (reply.Version is { } version ? Convert.ToHexString(version) : $"{reply.Code}", reply.Stored ?? stored);
        }
    }

    private static async Task<string> RunAsync(IDatabase database, Step step, byte[] token)
    {
        switch (step.What)
        {
            case "SET":
                await database.StringSetAsync(Key, step.Copy);
                return "";
            case "DEL":
                await database.KeyDeleteAsync(Key);
                return "";
            case OwnScripts.Remove:
                return $"{(int)await database.ScriptEvaluateAsync(step.What, [Key], [step.Least, token])}";
            case WarmScripts.Intend:
                return $"{(int)await database.ScriptEvaluateAsync(step.What, [Key], [step.Copy, 60_000, step.Least])}";
            default:
                var reply = await database.ScriptEvaluateAsync(step.What, [Key], [step.Copy, RedisValue.EmptyString, token, step.Least]);
                return reply.Resp2Type == ResultType.BulkString ? Convert.ToHexString((byte[])reply!) : $"{(int)reply}";
        }
    }

    private sealed record Step(string What, byte[] Copy, byte[] Token, byte[] Least);
}
