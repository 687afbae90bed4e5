using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Net.Sockets;
using RingKeeper.Cli.Commands;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli;

/// <summary>The ringkeeper command: parses, runs one command, and turns what happened into an exit code.</summary>
internal sealed class CliApp
{
    private readonly CliContext _context;
    private readonly RootCommand _root;
    private readonly Option[] _ofZooKeeper;
    private readonly HashSet<Command> _withoutServers = [];

    public CliApp(CliEnvironment environment, CliHandlers handlers)
    {
        _context = new CliContext(environment);
        _root = new RootCommand("Clusters of independent Redis servers, kept by ZooKeeper.") { _context.ZooKeeper.Option, _context.Configuration.Option };
        _ofZooKeeper = [_context.ZooKeeper.Option, _context.Configuration.Option, .. _context.Security.Options];
        foreach (var option in _context.Security.Options)
        {
            _root.Add(option);
        }

        AddCommands(_root, handlers);
        new NameCompletion(_context).AddTo(_root);
        var help = _root.Options.OfType<HelpOption>().Single();
        help.Action = new CommandHelp((HelpAction)help.Action!, _ofZooKeeper, _withoutServers, _context.Examples);
    }

    public async Task<int> RunAsync(IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        var parsed = _root.Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            return ReportWrongUse(parsed);
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = _context.Environment.Output,
                    Error = _context.Environment.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                cancellationToken);
        }
        catch (CliUsageException e)
        {
            return Report(e.Message, ExitCodes.WrongUse);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Report("Cancelled.", ExitCodes.Failed);
        }
        catch (Exception e) when (e is RingKeeperException or ZooKeeperException or IOException or TimeoutException or SocketException
            or UnauthorizedAccessException)
        {
            return Report(ZooKeeperServers.Describe(e), ExitCodes.Failed);
        }
    }

    private void AddCommands(RootCommand root, CliHandlers handlers)
    {
        Add(root, handlers.Demo, DemoCommand.Build);
        AddGroup(root, "cluster", "Creates, changes and shows clusters.", group =>
        {
            Add(group, handlers.CreateCluster, CreateClusterCommand.Build);
            Add(group, handlers.UpdateCluster, UpdateClusterCommand.Build);
            Add(group, handlers.DeleteCluster, DeleteClusterCommand.Build);
            Add(group, handlers.ExpireCluster, ExpireClusterCommand.Build);
            Add(group, handlers.ListClusters, ListClustersCommand.Build);
            Add(group, handlers.ShowCluster, ShowClusterCommand.Build);
            Add(group, handlers.ExportClusters, ExportClustersCommand.Build);
            Add(group, handlers.ApplyClusters, ApplyClustersCommand.Build);
            AddGroup(group, "import", "Makes clusters of the configuration of other programs.", import => Add(import, handlers.ImportTwemproxy, ImportTwemproxyCommand.Build));
        });
        AddGroup(root, "shard", "Takes shards out of service and puts them back.", group =>
        {
            Add(group, handlers.DrainShard, DrainShardCommand.BuildDrain);
            Add(group, handlers.DrainShard, DrainShardCommand.BuildUndrain);
        });
        Add(root, handlers.Checker, CheckerCommand.Build);
        Add(root, handlers.Status, StatusCommand.Build);
        Add(root, handlers.Why, WhyCommand.Build);
        Add(root, handlers.Locate, LocateCommand.Build);
        Add(root, handlers.Dashboard, DashboardCommand.Build);
        Add(root, handlers.Events, EventsCommand.Build);
        Add(root, handlers.Simulate, SimulateCommand.Build);
        Add(root, handlers.Doctor, DoctorCommand.Build);
        Add(root, handlers.Balance, BalanceCommand.Build);
        Add(root, handlers.Bench, BenchCommand.Build);
        Add(root, handlers.Completion, CompletionCommand.Build);
        AddGroup(root, "ring", "Works on rings without any server.", group =>
        {
            Add(group, handlers.VerifyRing, VerifyRingCommand.Build);
            Add(group, handlers.CompareRings, CompareRingsCommand.Build);
            KeepFromServers(group);
        });
        _withoutServers.UnionWith(root.Subcommands.Where(static command => command.Name == "completion"));
        AddGroup(root, "zookeeper", "A ZooKeeper server for development.", group =>
        {
            Add(group, handlers.ServeZooKeeper, ServeZooKeeperCommand.Build);
            KeepFromServers(group);
        });
    }

    private void Add<TRequest>(
        Command parent, CommandHandler<TRequest>? handler, Func<CliContext, CommandHandler<TRequest>, Command> build)
    {
        if (handler is not null)
        {
            parent.Add(build(_context, handler));
        }
    }

    // These talk to no ZooKeeper: where it is means nothing to them, and must not seem to.
    private void KeepFromServers(Command group)
    {
        _withoutServers.UnionWith(group.Subcommands.Append(group));
        foreach (var command in group.Subcommands)
        {
            command.Validators.Add(result =>
            {
                foreach (var option in _ofZooKeeper.Where(option => result.GetResult(option) is { Implicit: false }))
                {
                    result.AddError($"{option.Name} means nothing to '{group.Name} {command.Name}', which talks to no ZooKeeper; leave it out.");
                }
            });
        }
    }

    private static void AddGroup(Command root, string name, string description, Action<Command> fill)
    {
        var group = new Command(name, description);
        fill(group);
        if (group.Subcommands.Count > 0)
        {
            root.Add(group);
        }
    }

    private int ReportWrongUse(ParseResult parsed)
    {
        foreach (var message in parsed.Errors.Select(error => error.Message).Distinct(StringComparer.Ordinal))
        {
            _context.Output.WriteDiagnostic($"ringkeeper: {message}");
        }

        var path = string.Join(' ', PathOf(parsed.CommandResult.Command).Reverse().Append("--help"));
        return Report($"see 'ringkeeper {path}'", ExitCodes.WrongUse);
    }

    private IEnumerable<string> PathOf(Command command)
    {
        for (Symbol? symbol = command; symbol is not null && symbol != _root; symbol = symbol.Parents.FirstOrDefault())
        {
            yield return symbol.Name;
        }
    }

    private int Report(string message, int exitCode)
    {
        _context.Output.WriteDiagnostic($"ringkeeper: {message}");
        return exitCode;
    }
}
