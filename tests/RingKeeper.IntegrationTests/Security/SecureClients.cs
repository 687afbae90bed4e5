using RingKeeper.IntegrationTests.Client;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Security;

/// <summary>What clients of the secure server are made of.</summary>
internal static class SecureClients
{
    public static ZooKeeperTlsOptions Tls(SecureZooKeeper server) => new()
    {
        TrustedRootsFile = server.Certificates.CaFile,
        CertificateFile = server.Certificates.CertificateOf("client"),
        KeyFile = server.Certificates.KeyOf("client"),
    };

    public static ZooKeeperSaslOptions Bob { get; } = new DigestMd5SaslOptions(SecureZooKeeper.User, SecureZooKeeper.Password);

    // A JVM that has just started takes its time for its first handshakes, more so beside other tests.
    public static ZooKeeperClientOptions Options(string connectString) => new()
    {
        ConnectString = connectString,
        SessionTimeout = TimeSpan.FromSeconds(4),
        ConnectTimeout = TimeSpan.FromSeconds(10),
        MaxReconnectPause = TimeSpan.FromMilliseconds(50),
    };

    /// <summary>Tries where it must fail; returns what is told of the first attempt.</summary>
    public static async Task<string> FirstAttemptAsync(ZooKeeperClientOptions options)
    {
        var log = new EveryLog();
        await using var client = ZooKeeper.ZooKeeperClient.Open(options with { Logger = log });
        return await log.WhenAsync("No session at ");
    }

    /// <summary>Connects where it must fail; returns how it did.</summary>
    public static async Task<ZooKeeperException> FailureOfAsync(ZooKeeperClientOptions options)
    {
        try
        {
            await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(options).WaitAsync(ClientSuite.Patience, TimeProvider.System);
        }
        catch (ZooKeeperException exception)
        {
            return exception;
        }

        throw new InvalidOperationException("The client connected where it should have failed.");
    }
}
