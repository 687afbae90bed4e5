using System.Text;
using RingKeeper.ZooKeeper.Security;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

/// <summary>SASL DIGEST-MD5, with the examples of RFC 2831, section 4.</summary>
public sealed class DigestMd5Tests
{
    private const string Realm = "elwood.innosoft.com";

    [Theory]
    [InlineData("imap", "OA6MG9tEQGm2hh", "OA6MHXh6VqTrRk", "d388dad90d4bbd760a152321f2143af7", "ea40f60335c427b5527b84dbabcdfffd")]
    [InlineData("acap", "OA9BSXrbuRhWay", "OA9BSuZWMSpW8m", "6084c6db3fede7352c551284490fd0fc", "2f0b3d7c3c2e486600ef710726aa2eae")]
    public void Both_sides_prove_the_password_as_the_examples_of_the_RFC_do(string service, string nonce, string clientNonce, string response, string proof)
    {
        var exchange = new DigestMd5.Exchange("chris", Realm, nonce, clientNonce, $"{service}/{Realm}", IsUtf8: true);

        Assert.Equal(response, DigestMd5.Response(exchange, "secret"));
        Assert.Equal(proof, DigestMd5.ServerProof(exchange, "secret"));
    }

    [Fact]
    public void What_fits_into_Latin_1_is_hashed_in_it_whatever_the_charset()
    {
        var exchange = new DigestMd5.Exchange("zoë", "r", "n", "c", "s/h", IsUtf8: true);

        Assert.Equal(DigestMd5.Response(exchange with { IsUtf8 = false }, "pässwörd"), DigestMd5.Response(exchange, "pässwörd"));
        Assert.NotEqual(DigestMd5.Response(exchange with { IsUtf8 = false }, "κωδικός"), DigestMd5.Response(exchange, "κωδικός"));
    }

    [Fact]
    public void A_challenge_is_answered_with_its_realm_and_nonce_and_the_proof_is_checked()
    {
        using var conversation = new DigestMd5Conversation("b\"ob\\", "secret", "cnonce");
        Assert.Empty(conversation.Start());

        var answer = Encoding.UTF8.GetString(conversation.Answer("realm=\"zk-sasl-md5\",nonce=\"a\\\"b\",qop=\"auth,auth-int\",charset=utf-8,algorithm=md5-sess"u8)!);

        var exchange = new DigestMd5.Exchange("b\"ob\\", "zk-sasl-md5", "a\"b", "cnonce", "zookeeper/zk-sasl-md5", IsUtf8: true);
        Assert.Equal(
            "charset=utf-8,username=\"b\\\"ob\\\\\",realm=\"zk-sasl-md5\",nonce=\"a\\\"b\",nc=00000001,cnonce=\"cnonce\",digest-uri=\"zookeeper/zk-sasl-md5\",maxbuf=65536,"
            + $"response={DigestMd5.Response(exchange, "secret")},qop=auth",
            answer);
        Assert.False(conversation.IsDone);
        Assert.Null(conversation.Answer(Encoding.UTF8.GetBytes($"rspauth={DigestMd5.ServerProof(exchange, "secret")}")));
        Assert.True(conversation.IsDone);
    }

    [Fact]
    public void A_wrong_proof_is_refused()
    {
        using var conversation = new DigestMd5Conversation("bob", "secret", "cnonce");
        conversation.Answer("nonce=\"n\",algorithm=md5-sess"u8);

        var failure = Assert.Throws<SecurityFailureException>(() => conversation.Answer("rspauth=0123456789abcdef0123456789abcdef"u8));

        Assert.Contains("impostor", failure.Message, StringComparison.Ordinal);
        Assert.False(conversation.IsDone);
    }

    [Theory]
    [InlineData("realm=\"r\",algorithm=md5-sess", "no nonce")]
    [InlineData("nonce=\"a\",nonce=\"b\",algorithm=md5-sess", "nonce 2 times")]
    [InlineData("nonce=\"a\"", "not md5-sess")]
    [InlineData("nonce=\"a\",algorithm=sha-512", "not md5-sess")]
    [InlineData("nonce=\"a\",algorithm=md5-sess,charset=ebcdic", "not utf-8")]
    [InlineData("nonce=\"a\",algorithm=md5-sess,qop=\"auth-conf\"", "insists on a protection")]
    [InlineData("nonce=\"a", "does not end")]
    [InlineData("nonce=\"a\\", "does not end")]
    [InlineData("nonce=\"a\"algorithm=md5-sess", "no comma")]
    [InlineData("what is this", "not a list")]
    [InlineData("=a", "not a list")]
    public void A_challenge_against_the_rules_is_refused_with_the_reason(string challenge, string why)
    {
        using var conversation = new DigestMd5Conversation("bob", "secret", "cnonce");

        var failure = Assert.Throws<SecurityFailureException>(() => conversation.Answer(Encoding.UTF8.GetBytes(challenge)));

        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Characters_that_a_server_without_UTF_8_cannot_take_are_told()
    {
        using var conversation = new DigestMd5Conversation("ζ", "secret", "cnonce");

        var failure = Assert.Throws<SecurityFailureException>(() => conversation.Answer("nonce=\"n\",algorithm=md5-sess"u8));

        Assert.Contains("without charset utf-8", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_may_hold_blanks_empty_elements_and_names_in_any_case()
    {
        var said = DigestMd5Challenge.Parse(" ,, Realm = \"a, b=c\" ,realm=\"d\",\tNONCE=n,"u8);

        Assert.Equal(["a, b=c", "d"], said.All("realm"));
        Assert.Equal("n", said.Single("nonce"));
        Assert.Null(said.Single("qop"));
    }

    [Fact]
    public void No_two_exchanges_share_a_nonce() => Assert.NotEqual(DigestMd5.NewClientNonce(), DigestMd5.NewClientNonce());
}
