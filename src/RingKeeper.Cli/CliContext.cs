using System.CommandLine;

namespace RingKeeper.Cli;

/// <summary>What every command is built with.</summary>
internal sealed class CliContext(CliEnvironment environment)
{
    public CliEnvironment Environment { get; } = environment;

    public CliOutput Output { get; } = new(environment);

    public ZooKeeperServers ZooKeeper { get; } = new(environment);

    /// <summary>Lets the command turn what was parsed into a request and hand it to its handler.</summary>
    public Command Bind<TRequest>(Command command, Func<ParseResult, TRequest> read, CommandHandler<TRequest> handler)
    {
        command.SetAction((parsed, cancellationToken) => handler(read(parsed), Output, cancellationToken));
        return command;
    }
}
