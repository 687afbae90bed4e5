using System.Text;
using CsCheck;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The scripts beside a model of them.</summary>
public abstract partial class OwnFormatSuite
{
    // Across the halves of a number and up to its end.
    private static readonly Gen<long> AnyNumber = Gen.OneOf(
        Gen.Long[0, 3], Gen.Long[0xFFFF_FFFE, 0x1_0000_0001], Gen.Long[1_795_361_500_939_340, 1_795_361_500_939_342], Gen.Long[(1L << 53) - 1, (1L << 53) + 2], Gen.Long[long.MaxValue - 3, long.MaxValue - 1]);

    private static readonly Gen<Step> AnyStep =
        from act in Gen.Int[0, 9]
        from epoch in AnyNumber
        from version in AnyNumber
        from token in Gen.Int[0, 3]
        select new Step(act, epoch, version, token);

    [Fact]
    public async Task The_scripts_do_what_the_model_says_under_any_epochs_and_versions()
    {
        var key = 0;
        await AnyStep.Array[1, 12].SampleAsync(async steps => await RunAsync($"model:{Interlocked.Increment(ref key)}", steps), iter: 400, threads: 4);
    }

    private async Task RunAsync(RedisKey key, Step[] steps)
    {
        var model = new CopyModel();
        var tokens = new List<(CopyModel.Entry? Entry, byte[] Bytes)> { (null, []) };
        for (var i = 0; i < steps.Length; i++)
        {
            var (act, epoch, version, token) = steps[i];
            var value = $"value {i}";
            var copy = Copy(act switch { 7 => CopyKind.Tombstone, 8 => CopyKind.Intent, _ => CopyKind.Value }, epoch, version, (uint)i, value);
            switch (act)
            {
                case 0 or 1 or 2:
                    Expect(model.Set((ulong)epoch, (ulong)version, value), await Database.ScriptEvaluateAsync(OwnScripts.Set, [key], [copy, "60000"]));
                    break;
                case 3 or 4 or 5 or 6:
                    var (expected, bytes) = tokens[Math.Max(0, tokens.Count - 1 - token)];
                    var least = new byte[8];
                    System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(least, epoch);
                    if (expected is not null && expected.Epoch < (ulong)epoch)
                    {
                        // The client says so itself, without the script.
                        continue;
                    }

                    Expect(model.CheckAndSet((ulong)epoch, (ulong)version, value, expected), await Database.ScriptEvaluateAsync(OwnScripts.CheckAndSet, [key], [copy, "60000", bytes, least]));
                    break;
                case 7 or 8:
                    await Database.StringSetAsync(key, copy);
                    model.Held = new CopyModel.Entry((CopyKind)(act - 6), (ulong)epoch, (ulong)version, value);
                    break;
                default:
                    var exact = new byte[8];
                    System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(exact, epoch);
                    Assert.Equal(model.Remove((ulong)epoch), (int)await Database.ScriptEvaluateAsync(OwnScripts.Remove, [key], [exact, exact]));
                    break;
            }

            await CompareAsync(key, model);
            if (model.Held is { Kind: CopyKind.Value } held)
            {
                tokens.Add((held, ((byte[])(await Database.StringGetAsync(key))!)[8..28]));
            }
        }
    }

    private static void Expect(WriteOutcome expected, RedisResult reply)
    {
        var outcome = reply.Resp2Type == ResultType.BulkString || (int)reply == 1 ? WriteOutcome.Done : (int)reply switch { -1 => WriteOutcome.StaleView, -2 => WriteOutcome.Changed, _ => WriteOutcome.Foreign };
        Assert.Equal(expected, outcome);
    }

    private async Task CompareAsync(RedisKey key, CopyModel model)
    {
        byte[]? bytes = await Database.StringGetAsync(key);
        if (model.Held is not { } held)
        {
            Assert.Null(bytes);
            return;
        }

        Assert.True(CopyHeader.TryRead(bytes, out var header));
        Assert.Equal((held.Kind, held.Epoch, held.Version, held.Value), (header.Kind, (ulong)header.Epoch, (ulong)header.Version, Encoding.ASCII.GetString(bytes.AsSpan(header.Length))));
    }

    private static byte[] Copy(CopyKind kind, long epoch, long version, uint nonce, string value)
    {
        var header = new CopyHeader(kind, epoch, version, nonce);
        var copy = new byte[header.Length + value.Length];
        header.WriteTo(copy);
        Encoding.ASCII.GetBytes(value, copy.AsSpan(header.Length));
        return copy;
    }

    private sealed record Step(int Act, long Epoch, long Version, int Token);
}
