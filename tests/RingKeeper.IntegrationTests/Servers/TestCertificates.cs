using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>An authority, a server's and a client's certificate from it, and another authority with a client: PEM files in a folder of their own.</summary>
public sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public const string KeyPassword = "keys-secret";

    private readonly TemporaryFolder _folder = new("certificates");

    public TestCertificates()
    {
        WriteAuthority("ca", "server", "client");
        WriteAuthority("other-ca", "other-client");
    }

    public string Folder => _folder.Path;

    public string CaFile => File("ca.pem");

    public string OtherCaFile => File("other-ca.pem");

    public string CertificateOf(string name) => File($"{name}.pem");

    public string KeyOf(string name) => File($"{name}.key");

    public string BothOf(string name) => File($"{name}.both.pem");

    public string EncryptedKeyOf(string name) => File($"{name}.encrypted.key");

    public string Pkcs12Of(string name) => File($"{name}.p12");

    public string File(string name) => _folder.Combine(name);

    public void Dispose() => _folder.Dispose();

    private void WriteAuthority(string name, params string[] leaves)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        using var authority = request.CreateSelfSigned(From, Until);
        System.IO.File.WriteAllText(File($"{name}.pem"), authority.ExportCertificatePem());
        foreach (var leaf in leaves)
        {
            WriteLeaf(leaf, authority);
        }
    }

    private void WriteLeaf(string name, X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, From, Until.AddDays(-1), RandomNumberGenerator.GetBytes(8));
        System.IO.File.WriteAllText(CertificateOf(name), certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(KeyOf(name), key.ExportPkcs8PrivateKeyPem());

        // Certificate and key in one, as Apache ZooKeeper takes them; and the same under a password.
        System.IO.File.WriteAllText(BothOf(name), $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        System.IO.File.WriteAllText(EncryptedKeyOf(name), key.ExportEncryptedPkcs8PrivateKeyPem(KeyPassword, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        using var withKey = certificate.CopyWithPrivateKey(key);
        System.IO.File.WriteAllBytes(Pkcs12Of(name), withKey.Export(X509ContentType.Pkcs12, KeyPassword));
    }
}
