using System.CommandLine;
using RingKeeper.Cli.Configuration;

namespace RingKeeper.Cli;

/// <summary>What every command is built with.</summary>
internal sealed class CliContext
{
    public CliContext(CliEnvironment environment)
    {
        Environment = environment;
        Output = new CliOutput(environment);
        Configuration = new ConfigurationFile(environment);
        Security = new ZooKeeperSecurity(environment, Configuration);
        ZooKeeper = new ZooKeeperServers(environment, Configuration, Security);
    }

    public CliEnvironment Environment { get; }

    public CliOutput Output { get; }

    public ConfigurationFile Configuration { get; }

    public ZooKeeperServers ZooKeeper { get; }

    public ZooKeeperSecurity Security { get; }

    /// <summary>Gets the examples of the commands that were bound, as they are typed.</summary>
    public Dictionary<Command, IReadOnlyList<string>> Examples { get; } = [];

    /// <summary>Reads the settings of connections to Redis: those of the environment as a whole, else those of the file.</summary>
    /// <exception cref="CliUsageException">They cannot be read.</exception>
    public RedisSettings ReadRedis(ParseResult parsed) =>
        (string.IsNullOrEmpty(Environment.GetVariable(RedisVariable.Name)) ? Configuration.Read(parsed).Redis : null) ?? RedisVariable.Read(Environment.GetVariable);

    /// <summary>Lets the command turn what was parsed into a request and hand it to its handler.</summary>
    /// <param name="command">The command.</param>
    /// <param name="read">Makes the request.</param>
    /// <param name="handler">Carries it out.</param>
    /// <param name="examples">One to three examples for the help, as they are typed.</param>
    public Command Bind<TRequest>(Command command, Func<ParseResult, TRequest> read, CommandHandler<TRequest> handler, params string[] examples)
    {
        Examples[command] = examples;

        // Reading may take a file, and a pipe's read cannot be cancelled; it is left behind where Ctrl-C ends the command.
        command.SetAction(async (parsed, cancellationToken) =>
            await handler(await Task.Run(() => read(parsed), cancellationToken).WaitAsync(cancellationToken), Output, cancellationToken));
        return command;
    }
}
