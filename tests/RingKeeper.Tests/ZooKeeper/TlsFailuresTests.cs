using System.Net.Security;
using System.Security.Authentication;
using RingKeeper.ZooKeeper.Security;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

/// <summary>What users read of a TLS that failed.</summary>
public sealed class TlsFailuresTests
{
    [Theory]
    [InlineData("error:0A000412:SSL routines::ssl/tls alert bad certificate", false, "the server wants a client certificate (bad certificate)")]
    [InlineData("error:0A00045C:SSL routines::tlsv13 alert certificate required", false, "the server wants a client certificate (certificate required)")]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", true, "the server refused the client certificate (unknown ca)")]
    [InlineData("error:0A000416:SSL routines::sslv3 alert certificate unknown", true, "the server refused the client certificate (certificate unknown)")]
    [InlineData("error:0A000410:SSL routines::sslv3 alert handshake failure", false, "It may want a client certificate")]
    [InlineData("error:0A000410:SSL routines::sslv3 alert handshake failure", true, "sslv3 alert handshake failure")]
    [InlineData("Received an unexpected EOF or 0 bytes from the transport stream", true, "Is this the plain port")]
    [InlineData("Cannot determine the frame size or a corrupted frame was received", false, "Is this the plain port")]
    [InlineData("something else", false, "TLS failed: Authentication failed, see inner exception: something else")]
    public void A_failed_handshake_is_told_in_words(string cause, bool hasCertificate, string told)
    {
        var failure = new AuthenticationException("Authentication failed, see inner exception.", new IOException($"{cause}."));

        Assert.Contains(told, TlsFailures.Describe(failure, hasCertificate), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_without_a_certificate_is_told_and_a_good_one_is_not()
    {
        Assert.Contains("no certificate", TlsFailures.DescribeJudgement(SslPolicyErrors.RemoteCertificateNotAvailable, null, null, "h", "the system's")!, StringComparison.Ordinal);
        Assert.Null(TlsFailures.DescribeJudgement(SslPolicyErrors.None, null, null, "h", "the system's"));
    }
}
