using System.IO.Hashing;
using System.Text;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Ring;

public sealed class KeyCrc32Tests
{
    private static readonly Gen<string> Ascii = Gen.String[Gen.Char[' ', '~'], 0, 70];
    private static readonly Gen<string> Texts = Gen.OneOf(Ascii, Gen.String[Gen.Char["ab\u0000\u007f\u0080\u00ff\u0100\uff41é漢"], 0, 70]);

    [Fact]
    public void A_key_of_any_length_has_the_CRC_of_the_library()
    {
        for (var length = 0; length <= 150; length++)
        {
            Gen.Byte.Array[length].Sample(key => Assert.Equal(Crc32.HashToUInt32(key), KeyCrc32.Of(key)), iter: 50);
        }
    }

    [Fact]
    public void The_check_value_of_the_algorithm_is_met() => Assert.Equal(0xcbf43926, KeyCrc32.Of("123456789"u8));

    [Fact]
    public void Nothing_beside_a_key_is_read_into_its_hash() =>
        Gen.Select(Gen.Byte.Array[0, 80], Gen.Byte.Array[0, 20], Gen.Byte.Array[0, 20]).Sample((key, before, after) =>
        {
            byte[] all = [.. before, .. key, .. after];
            Assert.Equal(Crc32.HashToUInt32(key), KeyCrc32.Of(all.AsSpan(before.Length, key.Length)));
        });

    [Fact]
    public void A_text_is_copied_as_its_UTF8_and_hashed_alike_and_nothing_is_written_past_it() =>
        Texts.Sample(text =>
        {
            var expected = Encoding.UTF8.GetBytes(text);
            var buffer = new byte[expected.Length + 40];
            buffer.AsSpan().Fill(0xa5);
            if (KeyCrc32.TryCopy(text, buffer, out var crc))
            {
                Assert.Equal(Crc32.HashToUInt32(expected), crc);
                Assert.Equal(expected, buffer[..expected.Length]);
                Assert.DoesNotContain(buffer[expected.Length..], value => value != 0xa5);
            }
            else
            {
                Assert.DoesNotContain(buffer, value => value != 0xa5);
            }
        });

    [Fact]
    public void A_text_that_does_not_fit_is_not_copied() => Assert.False(KeyCrc32.TryCopy("0123456789abcdef", new byte[15], out _));

    [Theory]
    [InlineData(RingTypes.Consistent, null)]
    [InlineData(RingTypes.ConsistentTagged, "{}")]
    [InlineData(RingTypes.Ketama, null)]
    [InlineData(RingTypes.Rendezvous, null)]
    public void A_key_of_text_has_the_owner_of_its_UTF8(string type, string? tag)
    {
        var ring = RingTypes.CreateBuilder(type, "40", tag, null).Build([.. Enumerable.Range(0, 20).Select(i => new Shard($"n{i}", $":{i + 1}"))]);
        Texts.Sample(text =>
        {
            Span<byte> bytes = stackalloc byte[256];
            var owner = ring.CopyAndGetOwner(text, bytes, out var length);
            var expected = Encoding.UTF8.GetBytes(text);
            Assert.Equal(ring.GetOwner(expected), owner);
            Assert.Equal(expected, bytes[..length]);
        });
    }
}
