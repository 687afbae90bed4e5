using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Caching;

/// <summary>Keys and values as Go's encoding/json writes them: the table of what was seen of the Go package.</summary>
public sealed class GoJsonTests
{
    [Theory]
    [InlineData("str", "\"str\"")]
    [InlineData("", "\"\"")]
    [InlineData("a<b>&\u2028é\"", "\"a\\u003cb\\u003e\\u0026\\u2028é\\\"\"")]
    [InlineData("\u2029", "\"\\u2029\"")]
    [InlineData("\ufffd", "\"\ufffd\"")]
    [InlineData("\ud83d\ude00", "\"\ud83d\ude00\"")]
    [InlineData("\n\r\t\\/", "\"\\n\\r\\t\\\\/\"")]
    [InlineData("\b\f\0\u001f\u007f", "\"\\u0008\\u000c\\u0000\\u001f\u007f\"")]
    [InlineData("'+`=~\u0080\u00a0", "\"'+`=~\u0080\u00a0\"")]
    public void Texts_are_escaped_as_in_Go(string text, string json)
    {
        Assert.Equal(json, Json(text));
        Assert.Equal(json, Encoding.UTF8.GetString(GoCacheKey.Quote(default, text)));
        Assert.Equal(json, (string?)GoCacheKey.Of(text));
        Assert.Equal($"{{{json}:{json}}}", Json(new Dictionary<string, string> { [text] = text }));
        if (!text.Any(char.IsSurrogate))
        {
            Assert.Equal(text, GoCacheSerializer.Default.Deserialize<string>(Encoding.UTF8.GetBytes(json)));
        }
    }

    [Fact]
    public void Halves_of_surrogate_pairs_are_marked_as_broken_and_a_true_mark_is_not()
    {
        // Not in a table: an attribute could not hold them.
        Texts_are_escaped_as_in_Go("\ud800", "\"\\ufffd\"");
        Texts_are_escaped_as_in_Go("a\udc00b\ud83d", "\"a\\ufffdb\\ufffd\"");
        Texts_are_escaped_as_in_Go("\ufffd", "\"\ufffd\"");
    }

    [Fact]
    public void Any_text_is_escaped_as_the_writer_of_znodes_does_whose_bytes_Go_programs_read() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char['\0', '\u007f'], 0, 20], Gen.String[Gen.Char['\u2020', '\u2030'], 0, 20], Gen.String[Gen.Char['\ud7f0', '\ue010'], 0, 20]).Sample(text =>
        {
            var expected = Encoding.UTF8.GetString(new GoJsonWriter().String(text).ToArray());
            Assert.Equal(expected, Json(text));
            Assert.Equal(expected, Encoding.UTF8.GetString(GoCacheKey.Quote(default, text)));
        });

    [Fact]
    public void Bytes_that_are_no_text_become_one_mark_each()
    {
        var escaped = new byte[64];

        Assert.Equal(OperationStatus.Done, GoJsonEncoder.Instance.EncodeUtf8([0xff, 0xfe, (byte)'a', 0xe2, 0x80, (byte)'<', 0xc3], escaped, out var consumed, out var written));

        Assert.Equal(7, consumed);
        Assert.Equal("\\ufffd\\ufffda\\ufffd\\ufffd\\u003c\\ufffd", Encoding.ASCII.GetString(escaped, 0, written));
        Assert.Equal(OperationStatus.NeedMoreData, GoJsonEncoder.Instance.EncodeUtf8([(byte)'a', 0xe2, 0x80], escaped, out consumed, out written, isFinalBlock: false));
        Assert.Equal((1, 1), (consumed, written));
        Assert.Equal(OperationStatus.DestinationTooSmall, GoJsonEncoder.Instance.EncodeUtf8("<"u8, escaped.AsSpan(0, 5), out consumed, out written));
        Assert.Equal((0, 0), (consumed, written));
    }

    [Fact]
    public void Keys_that_are_no_text_are_marshalled()
    {
        Assert.Equal("5", (string?)GoCacheKey.Of(5));
        Assert.Equal("1.5", (string?)GoCacheKey.Of(1.5));
        Assert.Equal("true", (string?)GoCacheKey.Of(true));
        Assert.Equal("null", (string?)GoCacheKey.Of<string?>(null));
        Assert.Equal("""{"Key":"okey","Seq":999}""", (string?)GoCacheKey.Of(new Pair("okey", 999)));
        Assert.Equal("""["x"]""", (string?)GoCacheKey.Of(new[] { "x" }));
        Assert.Equal("""{"":4,"B":2,"a":1,"é":3}""", (string?)GoCacheKey.Of(new Dictionary<string, int> { ["a"] = 1, ["B"] = 2, ["é"] = 3, [""] = 4 }));
        Assert.Equal("raw\0\u0001", (string?)GoCacheKey.Of("raw\0\u0001"u8.ToArray()));
    }

    [Fact]
    public void Maps_are_sorted_by_the_bytes_of_their_keys_wherever_they_are()
    {
        var map = new Dictionary<string, int> { ["\ud83d\ude00"] = 1, ["\uff5e"] = 2 };

        Assert.Equal("""{"Inner":{"～":2,"😀":1}}""", Json(new Holder(map)));
        Assert.Equal(map, GoCacheSerializer.Default.Deserialize<Holder>("""{"inner":{"～":2,"😀":1}}"""u8).Inner);
    }

    // strconv.FormatFloat as encoding/json calls it: 'e' below 1e-6 and from 1e21, with the exponent's leading zero cut.
    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(1, "1")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(0.1, "0.1")]
    [InlineData(0.000001, "0.000001")]
    [InlineData(0.00000123, "0.00000123")]
    [InlineData(0.00000099, "9.9e-7")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(1.25e-10, "1.25e-10")]
    [InlineData(123456789012345680, "123456789012345680")]
    [InlineData(1e20, "100000000000000000000")]
    [InlineData(123456789012345678901.0, "123456789012345680000")]
    [InlineData(1e21, "1e+21")]
    [InlineData(-1.5e300, "-1.5e+300")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    [InlineData(100, "100")]
    [InlineData(1234.5678, "1234.5678")]
    public void Doubles_are_laid_out_as_in_Go(double value, string json) => Assert.Equal(json, Json(value));

    [Fact]
    public void Floats_keep_their_own_fewest_digits()
    {
        Assert.Equal("0.1", Json(0.1f));
        Assert.Equal("3.4028235e+38", Json(float.MaxValue));
        Assert.Equal("16777216", Json(16777216f));
    }

    [Fact]
    public void Any_double_is_read_back() => Gen.Double.Where(double.IsFinite).Sample(value => Assert.Equal(value, GoCacheSerializer.Default.Deserialize<double>(Encoding.UTF8.GetBytes(Json(value)))));

    [Fact]
    public void What_JSON_has_no_number_for_is_refused() =>
        Assert.Contains("NaN", Assert.Throws<RingKeeperException>(() => Json(double.NaN)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("2026-11-25T12:00:00+00:00", "\"2026-11-25T12:00:00Z\"")]
    [InlineData("2026-11-25T12:00:00.1230000+02:00", "\"2026-11-25T12:00:00.123+02:00\"")]
    public void Times_are_laid_out_as_in_Go(string time, string json)
    {
        var value = DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(json, Json(value));
        Assert.Equal(value, GoCacheSerializer.Default.Deserialize<DateTimeOffset>(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void Fields_are_read_in_any_case_and_broken_copies_are_named()
    {
        Assert.Equal(new Pair("k", 3), GoCacheSerializer.Default.Deserialize<Pair>("""{"key":"k","SEQ":3,"More":1}"""u8));
        Assert.Contains(nameof(Pair), Assert.Throws<RingKeeperException>(() => GoCacheSerializer.Default.Deserialize<Pair>("raw"u8)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_the_callers_are_copied_and_keep_their_own()
    {
        var options = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

        Assert.Equal("""{"key":"é<","seq":1}""".Replace("<", "\\u003c", StringComparison.Ordinal), Json(new Pair("é<", 1), new GoCacheSerializer(options)));
        Assert.Null(options.Encoder);
    }

    private static string Json<T>(T value, GoCacheSerializer? serializer = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        (serializer ?? GoCacheSerializer.Default).Serialize(value, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private sealed record Pair(string Key, int Seq);

    private sealed record Holder(Dictionary<string, int> Inner);
}
