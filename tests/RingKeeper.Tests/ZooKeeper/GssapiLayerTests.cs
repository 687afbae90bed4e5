using RingKeeper.ZooKeeper.Security;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

/// <summary>The negotiation of a security layer in SASL GSSAPI (RFC 4752, 3.1).</summary>
public sealed class GssapiLayerTests
{
    [Theory]
    [InlineData("01000000")]
    [InlineData("07010000")]
    [InlineData("0300ffff")]
    public void No_layer_is_chosen_where_it_is_offered(string offer) =>
        Assert.Equal([1, 0, 0, 0], GssapiLayer.Answer(Convert.FromHexString(offer)));

    [Theory]
    [InlineData("", "0 bytes")]
    [InlineData("0100", "2 bytes")]
    [InlineData("0100000000", "5 bytes")]
    [InlineData("06010000", "insists on a protection")]
    [InlineData("00000000", "insists on a protection")]
    [InlineData("01000001", "and yet a size")]
    public void Any_other_offer_is_refused_with_the_reason(string offer, string why)
    {
        var failure = Assert.Throws<SecurityFailureException>(() => GssapiLayer.Answer(Convert.FromHexString(offer)));

        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
    }
}
