using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Caching;

/// <summary>Notices as they travel.</summary>
public sealed class BackplaneMessageTests
{
    private static readonly Guid Sender = new("00112233-4455-6677-8899-aabbccddeeff");

    [Fact]
    public void The_bytes_are_those_of_the_page()
    {
        var bytes = BackplaneMessage.Write(Sender, new CacheNotice(CacheNoticeKind.Tag, "é", new byte[] { 7 }));

        Assert.Equal("F7524201" + "01" + "00112233445566778899AABBCCDDEEFF" + "00000002" + "C3A9" + "07", Convert.ToHexString(bytes));
    }

    [Fact]
    public void Every_notice_comes_back_as_it_was() =>
        Gen.Select(Gen.Enum<CacheNoticeKind>(), Gen.String[Gen.Char['\0', '\ud7ff'], 0, 40], Gen.Byte.Array[0, 40]).Sample((kind, name, data) =>
        {
            if (kind == CacheNoticeKind.Gap)
            {
                return;
            }

            Assert.True(BackplaneMessage.TryRead(BackplaneMessage.Write(Sender, new CacheNotice(kind, name, data)), out var sender, out var notice, out var isProof));
            Assert.Equal((Sender, kind, name, Convert.ToHexString(data), false), (sender, notice.Value.Kind, notice.Value.Name, Convert.ToHexString(notice.Value.Data.Span), isProof));
        });

    [Fact]
    public void A_proof_is_no_notice()
    {
        Assert.True(BackplaneMessage.TryRead(BackplaneMessage.WriteProof(Sender), out var sender, out _, out var isProof));
        Assert.Equal((Sender, true), (sender, isProof));
    }

    [Fact]
    public void Any_bytes_can_be_read_and_most_are_refused() =>
        Gen.Select(Gen.Byte.Array[0, 60], Gen.Bool).Sample((bytes, hasMagic) =>
        {
            if (hasMagic && bytes.Length > 4)
            {
                new byte[] { 0xF7, (byte)'R', (byte)'B', 1 }.CopyTo(bytes, 0);
            }

            BackplaneMessage.TryRead(bytes, out _, out _, out _);
        });

    [Theory]
    [InlineData("")]
    [InlineData("F7524201")]
    [InlineData("F7524202" + "01" + "00112233445566778899AABBCCDDEEFF" + "00000000")]
    [InlineData("F7524201" + "03" + "00112233445566778899AABBCCDDEEFF" + "00000000")]
    [InlineData("F7524201" + "01" + "00112233445566778899AABBCCDDEEFF" + "00000001")]
    [InlineData("F7524201" + "01" + "00112233445566778899AABBCCDDEEFF" + "FFFFFFFF" + "00")]
    [InlineData("F7524201" + "01" + "00112233445566778899AABBCCDDEEFF" + "00000001" + "C3")]
    public void Short_later_and_broken_messages_are_refused(string hex) =>
        Assert.False(BackplaneMessage.TryRead(Convert.FromHexString(hex), out _, out _, out _));
}
