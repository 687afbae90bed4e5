using System.CommandLine;
using RingKeeper.Cli.Configuration;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.Cli;

/// <summary>Where ZooKeeper is, and as whom: the option of every command, else the environment, else the configuration file.</summary>
internal sealed class ZooKeeperServers(CliEnvironment environment, ConfigurationFile file, ZooKeeperSecurity security)
{
    public const string Variable = "RINGKEEPER_ZOOKEEPER";
    public const string DigestVariable = "RINGKEEPER_ZOOKEEPER_AUTH";

    public Option<string> Option { get; } = new("--zookeeper")
    {
        Description = $"The ZooKeeper servers, host:port,host:port/chroot (default: the environment variable {Variable}).",
        HelpName = "HOSTS",
        Recursive = true,
    };

    /// <summary>Returns the servers of the option, else of the environment, else of the file, with the credentials.</summary>
    /// <exception cref="CliUsageException">None is there, or something cannot be read.</exception>
    public ZooKeeperAccess Require(ParseResult parsed)
    {
        var servers = parsed.GetValue(Option) ?? NullIfBlank(environment.GetVariable(Variable)) ?? file.Read(parsed).ZooKeeperServers;
        return !string.IsNullOrWhiteSpace(servers)
            ? Access(servers, parsed)
            : throw new CliUsageException(
                $"No ZooKeeper servers are given. Add --zookeeper host:port,host:port, set {Variable}, or name a file with zookeeper.servers by --config; for a try, 'ringkeeper zookeeper serve' starts one.");
    }

    /// <summary>Returns the servers of the option alone, or null.</summary>
    /// <exception cref="CliUsageException">They cannot be read.</exception>
    public ZooKeeperAccess? Given(ParseResult parsed) => parsed.GetValue(Option) is { } servers ? Access(servers, parsed) : null;

    /// <summary>Says what is wrong with servers, or null.</summary>
    public static string? FlawOf(string servers)
    {
        if (servers.Contains('@', StringComparison.Ordinal))
        {
            // Not quoted: what stands before the sign is likely a password.
            return $"The ZooKeeper servers hold an '@'. Credentials do not belong there; they come from {DigestVariable} or from zookeeper.digest of the file of --config";
        }

        try
        {
            ConnectString.Parse(servers);
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message.TrimEnd('.');
        }
    }

    /// <summary>Tells a failure; one for want of rights with the settings that a user of the command has.</summary>
    public static string Describe(Exception failure) => failure is ZooKeeperException { Code: ZooKeeperErrorCode.NoAuth }
        ? failure.Message.Replace(
            $"({ZooKeeperException.CredentialsSetting})", $"({DigestVariable} or {ZooKeeperSecurity.SaslVariable}, or zookeeper.user and zookeeper.password or zookeeper.sasl of the file of --config)", StringComparison.Ordinal)
        : failure is ZooKeeperException ? ZooKeeperSecurity.InWordsOfTheCommand(failure.Message) : failure.Message;

    /// <summary>Says whether credentials have a user and a password.</summary>
    public static bool IsDigest(string digest) => digest.IndexOf(':') is > 0 and var colon && colon < digest.Length - 1;

    private ZooKeeperAccess Access(string servers, ParseResult parsed)
    {
        if (FlawOf(servers) is { } flaw)
        {
            throw new CliUsageException($"{flaw}.");
        }

        var digest = NullIfBlank(environment.GetVariable(DigestVariable));
        return digest is null || IsDigest(digest)
            ? new ZooKeeperAccess(servers, digest ?? file.Read(parsed).ZooKeeperDigest, file.Read(parsed).SessionTimeout) { Tls = security.ReadTls(parsed), Sasl = security.ReadSasl(parsed) }
            : throw new CliUsageException($"{DigestVariable} must be written as user:password.");
    }

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
