using System.CommandLine;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.Cli;

/// <summary>Where ZooKeeper is: the option of every command, or the environment.</summary>
internal sealed class ZooKeeperServers(CliEnvironment environment)
{
    public const string Variable = "RINGKEEPER_ZOOKEEPER";

    public Option<string> Option { get; } = new("--zookeeper")
    {
        Description = $"The ZooKeeper servers, host:port,host:port/chroot (default: the environment variable {Variable}).",
        HelpName = "HOSTS",
        Recursive = true,
    };

    /// <summary>Returns the servers of the option, else of the environment.</summary>
    /// <exception cref="CliUsageException">Neither is there.</exception>
    public ZooKeeperAccess Require(ParseResult parsed)
    {
        var servers = parsed.GetValue(Option) ?? environment.GetVariable(Variable);
        return !string.IsNullOrWhiteSpace(servers)
            ? Check(servers)
            : throw new CliUsageException(
                $"No ZooKeeper servers are given. Add --zookeeper host:port,host:port or set {Variable}; for a try, 'ringkeeper zookeeper serve' starts one.");
    }

    /// <summary>Returns the servers of the option alone, or null.</summary>
    /// <exception cref="CliUsageException">They cannot be read.</exception>
    public ZooKeeperAccess? Given(ParseResult parsed) => parsed.GetValue(Option) is { } servers ? Check(servers) : null;

    private static ZooKeeperAccess Check(string servers)
    {
        try
        {
            ConnectString.Parse(servers);
            return new ZooKeeperAccess(servers);
        }
        catch (ArgumentException e)
        {
            throw new CliUsageException(e.Message);
        }
    }
}
