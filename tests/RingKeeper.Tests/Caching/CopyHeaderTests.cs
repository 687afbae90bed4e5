using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Caching;

public sealed class CopyHeaderTests
{
    private static readonly Gen<CopyHeader> AnyHeader =
        from kind in Gen.Enum<CopyKind>()
        from epoch in Gen.Long
        from version in Gen.Long
        from nonce in Gen.UInt
        from sliding in Gen.UInt
        from end in Gen.Long
        select new CopyHeader(kind, epoch, version, nonce, sliding, sliding == 0 ? 0 : end);

    [Fact]
    public void A_header_is_read_as_it_was_written() => AnyHeader.Sample(static header =>
    {
        var bytes = new byte[header.Length + 3];
        header.WriteTo(bytes);
        return CopyHeader.TryRead(bytes, out var read) && read == header;
    });

    [Fact]
    public void What_is_cut_off_is_no_copy() => AnyHeader.Sample(static header =>
    {
        var bytes = new byte[header.Length];
        header.WriteTo(bytes);
        return Enumerable.Range(0, header.Length).All(length => !CopyHeader.TryRead(bytes.AsSpan(0, length), out _));
    });

    [Fact]
    public void Bytes_of_others_are_no_copy()
    {
        Assert.False(CopyHeader.TryRead("{\"a long enough text of another program\":1}"u8, out _));
        foreach (var (place, value) in new[] { (0, 0xF8), (1, 'r'), (2, 'k'), (3, 2), (4, 3), (5, 2) })
        {
            var bytes = new byte[CopyHeader.LongLength];
            new CopyHeader(CopyKind.Value, 1, 2, 3).WriteTo(bytes);
            Assert.True(CopyHeader.TryRead(bytes, out _));
            bytes[place] = (byte)value;
            Assert.False(CopyHeader.TryRead(bytes, out _), $"byte {place}");
        }
    }

    [Fact]
    public void No_text_begins_as_a_copy_does() => Gen.String.Sample(static text => !System.Text.Encoding.UTF8.GetBytes(text).AsSpan().StartsWith(CopyHeader.Magic));

    [Fact]
    public void The_layout_is_the_documented_one()
    {
        var bytes = new byte[CopyHeader.LongLength];
        new CopyHeader(CopyKind.Intent, 0x0102030405060708, 0x1112131415161718, 0x21222324, 0x31323334, 0x4142434445464748).WriteTo(bytes);

        Assert.Equal("F7524B0102010000010203040506070811121314151617182122232431323334" + "4142434445464748", Convert.ToHexString(bytes));
    }
}
