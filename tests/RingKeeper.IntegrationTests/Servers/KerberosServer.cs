using RingKeeper.Testing;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>A Kerberos key distribution centre on loopback, with a realm, a database and keytabs in a folder of its own.</summary>
internal sealed class KerberosServer : IAsyncDisposable
{
    public const string Realm = "RINGKEEPER.TEST";

    // The search path of a user other than root does not lead there.
    private const string Kdc = "/usr/sbin/krb5kdc";
    private const string CreateDatabase = "/usr/sbin/kdb5_util";
    private const string Administer = "/usr/sbin/kadmin.local";

    private readonly TemporaryFolder _folder = new("kerberos");
    private readonly int _port = FreePort.Next();
    private ChildProcess? _process;

    private KerberosServer()
    {
    }

    /// <summary>What clients and servers read in place of /etc/krb5.conf.</summary>
    public string ConfigurationFile => _folder.Combine("krb5.conf");

    public string Folder => _folder.Path;

    public string KeytabOf(string name) => _folder.Combine($"{name.Replace('/', '-')}.keytab");

    /// <summary>Starts a KDC that knows these principals, each with a random key in a keytab; returns when it serves.</summary>
    public static async Task<KerberosServer> StartAsync(params string[] principals)
    {
        ChildProcess.Require(CreateDatabase, "krb5-kdc");
        ChildProcess.Require(Administer, "krb5-admin-server");
        var server = new KerberosServer();
        try
        {
            server.WriteConfiguration();
            await server.RunAsync(CreateDatabase, "create", "-s", "-P", $"{Guid.NewGuid():n}");
            foreach (var principal in principals)
            {
                await server.RunAsync(Administer, "-q", $"addprinc -randkey {principal}");
                await server.RunAsync(Administer, "-q", $"ktadd -k {server.KeytabOf(principal)} {principal}");
            }

            server._process = await ChildProcess.StartAsync("env", "coreutils", [.. server.Environment, Kdc, "-n", "-P", server._folder.Combine("pid")], server._folder.Combine("kdc.log"));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            await server._process.WhenLoggedAsync(static log => log.Contains("commencing operation", StringComparison.Ordinal), patience.Token);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private IEnumerable<string> Environment => [$"KRB5_CONFIG={ConfigurationFile}", $"KRB5_KDC_PROFILE={_folder.Combine("kdc.conf")}"];

    private Task RunAsync(params string[] command) => SystemCommand.RunAsync("env", "coreutils", [.. Environment, .. command]);

    private void WriteConfiguration()
    {
        File.WriteAllText(
            ConfigurationFile,
            $$"""
            [libdefaults]
              default_realm = {{Realm}}
              dns_lookup_kdc = false
              dns_lookup_realm = false
              dns_canonicalize_hostname = false
              rdns = false
              udp_preference_limit = 1
            [realms]
              {{Realm}} = {
                kdc = 127.0.0.1:{{_port}}
              }
            """);
        File.WriteAllText(
            _folder.Combine("kdc.conf"),
            $$"""
            [kdcdefaults]
              kdc_listen = 127.0.0.1:{{_port}}
              kdc_tcp_listen = 127.0.0.1:{{_port}}
            [realms]
              {{Realm}} = {
                database_name = {{_folder.Combine("principal")}}
                key_stash_file = {{_folder.Combine("stash")}}
                acl_file = {{_folder.Combine("kadm5.acl")}}
              }
            [logging]
              kdc = STDERR
            """);
    }
}
