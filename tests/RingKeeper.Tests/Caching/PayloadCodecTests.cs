using System.Text;
using Xunit;

namespace RingKeeper.Tests.Caching;

public sealed class PayloadCodecTests
{
    private readonly PayloadCodec _codec = new(new JsonCacheSerializer(), 10);

    [Fact]
    public void Bytes_and_texts_pass_through()
    {
        byte[] bytes = [0, 255, 1];
        Assert.Equal(bytes, _codec.Encode(bytes).ToArray());
        Assert.Equal(bytes, _codec.Encode<ReadOnlyMemory<byte>>(bytes).ToArray());
        Assert.Equal(bytes, _codec.Decode<byte[]>(bytes));
        Assert.Equal(bytes, _codec.Decode<ReadOnlyMemory<byte>>(bytes).ToArray());
        Assert.Equal("é€", _codec.Decode<string>(_codec.Encode("é€")));
        Assert.Equal("é€", Encoding.UTF8.GetString(_codec.Encode("é€").Span));
    }

    [Fact]
    public void What_was_read_is_the_callers_own()
    {
        byte[] payload = [1, 2];
        _codec.Decode<byte[]>(payload)[0] = 9;
        Assert.Equal(1, payload[0]);
    }

    [Fact]
    public void Other_types_are_json_and_null_is_json_too()
    {
        Assert.Equal("42", Encoding.UTF8.GetString(_codec.Encode(42).Span));
        Assert.Null(_codec.Decode<int[]?>(_codec.Encode<int[]?>(null)));
    }

    [Fact]
    public void Null_texts_and_bytes_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => _codec.Encode<string>(null!));
        Assert.Throws<ArgumentNullException>(() => _codec.Encode<byte[]>(null!));
    }

    [Fact]
    public void A_value_above_the_limit_is_refused_by_size()
    {
        Assert.Equal(10, _codec.Encode(new byte[10]).Length);
        foreach (Action encode in new Action[] { () => _codec.Encode(new byte[11]), () => _codec.Encode("12345678901"), () => _codec.Encode(12345678901L) })
        {
            Assert.Contains("11 bytes, more than MaxValueBytes, 10", Assert.Throws<RingKeeperException>(encode).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Half_a_character_is_refused_and_bytes_that_are_no_text_are_told()
    {
        Assert.Throws<EncoderFallbackException>(() => _codec.Encode("\ud800"));
        Assert.Throws<RingKeeperException>(() => _codec.Decode<string>(new byte[] { 0xff }));
        Assert.Throws<RingKeeperException>(() => _codec.Decode<int>("no number"u8.ToArray()));
    }
}
