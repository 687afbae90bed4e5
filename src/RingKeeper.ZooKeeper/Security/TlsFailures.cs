using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RingKeeper.ZooKeeper.Security;

/// <summary>Says in words why there is no TLS with a server, and what to do. Pure.</summary>
internal static class TlsFailures
{
    // What TLS libraries call the alerts by which a server turns a client's certificate down, or the want of one (RFC 8446, 6.2).
    private static readonly string[] CertificateAlerts = ["bad certificate", "certificate required", "certificate unknown", "unsupported certificate", "unknown ca", "certificate expired", "certificate revoked", "access denied"];

    /// <summary>Says what is wrong with the certificate of a server; null where nothing is.</summary>
    public static string? DescribeJudgement(SslPolicyErrors errors, X509Certificate2? certificate, X509Chain? chain, string host, string trust)
    {
        if (errors == SslPolicyErrors.None)
        {
            return null;
        }

        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "TLS failed: the server showed no certificate";
        }

        List<string> flaws = [];
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            flaws.Add(DescribeChain(certificate, chain, trust));
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            flaws.Add($"the certificate of the server ({certificate.Subject}) is for {DescribeNames(certificate)}, not for '{host}': connect by a name that it carries, or set {nameof(ZooKeeperTlsOptions.TargetHost)} to one");
        }

        return $"TLS failed: {string.Join("; ", flaws)}";
    }

    /// <summary>Says why a handshake failed whose certificate was not the cause.</summary>
    public static string Describe(Exception failure, bool hasCertificate)
    {
        var text = TextOf(failure);
        if (DescribeAlert(text, hasCertificate) is { } alert)
        {
            return alert;
        }

        // A plain port takes the first bytes of TLS for a frame of hundreds of megabytes and closes.
        if (Holds(text, "unexpected EOF") || Holds(text, "Cannot determine the frame size") || Holds(text, "corrupted frame") || Holds(text, "Connection reset") || Holds(text, "wrong version number"))
        {
            return "TLS failed: the other side ended the handshake without an answer of TLS. Is this the plain port (clientPort) of the server, not its secureClientPort?";
        }

        return $"TLS failed: {text}";
    }

    /// <summary>Says what a server holds against this client; null where it is not the client's certificate.</summary>
    public static string? DescribeAlert(string text, bool hasCertificate)
    {
        if (!Holds(text, "alert"))
        {
            return null;
        }

        if (Array.Find(CertificateAlerts, alert => Holds(text, alert)) is { } name)
        {
            return hasCertificate
                ? $"TLS failed: the server refused the client certificate ({name}). Show one of an authority that it trusts"
                : $"TLS failed: the server wants a client certificate ({name}), and none is set. Set {nameof(ZooKeeperTlsOptions.CertificateFile)}, or ssl.clientAuth of the server";
        }

        return Holds(text, "handshake failure") && !hasCertificate
            ? $"TLS failed: the server ended the handshake (handshake failure). It may want a client certificate, and none is set ({nameof(ZooKeeperTlsOptions.CertificateFile)}), or there is no cipher or version that both sides allow"
            : null;
    }

    /// <summary>The messages of a failure and of what caused it.</summary>
    public static string TextOf(Exception failure)
    {
        List<string> texts = [];
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            texts.Add(cause.Message.TrimEnd('.'));
        }

        return string.Join(": ", texts.Distinct(StringComparer.Ordinal));
    }

    private static string DescribeChain(X509Certificate2 certificate, X509Chain? chain, string trust)
    {
        var all = chain is null ? X509ChainStatusFlags.NoError : chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (sum, status) => sum | status.Status);
        var about = $"the certificate of the server ({certificate.Subject}, issued by {certificate.Issuer})";
        if (Has(X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain))
        {
            return $"{about} is of no authority that is trusted here ({trust}; {all}). Name its authority in {nameof(ZooKeeperTlsOptions.TrustedRootsFile)}";
        }

        if (Has(X509ChainStatusFlags.NotTimeValid))
        {
            return $"{about} or one of its authorities is not valid now; it runs from {certificate.NotBefore:u} to {certificate.NotAfter:u} ({all})";
        }

        if (Has(X509ChainStatusFlags.Revoked))
        {
            return $"{about} was revoked";
        }

        return Has(X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.OfflineRevocation)
            ? $"whether {about} was revoked could not be found out. Let its lists be reached, or set {nameof(ZooKeeperTlsOptions.RevocationMode)} to NoCheck"
            : $"{about} is not valid ({all})";

        bool Has(X509ChainStatusFlags flags) => (all & flags) != X509ChainStatusFlags.NoError;
    }

    private static string DescribeNames(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(static extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString())))
            .ToList();
        return names.Count > 0 ? string.Join(", ", names.Select(static name => $"'{name}'")) : "no host, since it carries no alternative names";
    }

    private static bool Holds(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);
}
