using RingKeeper.Cli.Balance;
using RingKeeper.Cli.Bench;
using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Doctor;
using RingKeeper.Cli.Handlers;

namespace RingKeeper.Cli;

/// <summary>What carries out each command. A command without a handler is not part of the tool.</summary>
internal sealed record CliHandlers
{
    public CommandHandler<DemoRequest>? Demo { get; init; }

    public CommandHandler<CreateClusterRequest>? CreateCluster { get; init; }

    public CommandHandler<UpdateClusterRequest>? UpdateCluster { get; init; }

    public CommandHandler<DeleteClusterRequest>? DeleteCluster { get; init; }

    public CommandHandler<ExpireClusterRequest>? ExpireCluster { get; init; }

    public CommandHandler<ListClustersRequest>? ListClusters { get; init; }

    public CommandHandler<ShowClusterRequest>? ShowCluster { get; init; }

    public CommandHandler<ExportClustersRequest>? ExportClusters { get; init; }

    public CommandHandler<ApplyClustersRequest>? ApplyClusters { get; init; }

    public CommandHandler<ImportTwemproxyRequest>? ImportTwemproxy { get; init; }

    public CommandHandler<CheckerRequest>? Checker { get; init; }

    public CommandHandler<StatusRequest>? Status { get; init; }

    public CommandHandler<WhyRequest>? Why { get; init; }

    public CommandHandler<DrainShardRequest>? DrainShard { get; init; }

    public CommandHandler<LocateRequest>? Locate { get; init; }

    public CommandHandler<DashboardRequest>? Dashboard { get; init; }

    public CommandHandler<EventsRequest>? Events { get; init; }

    public CommandHandler<SimulateRequest>? Simulate { get; init; }

    public CommandHandler<DoctorRequest>? Doctor { get; init; }

    public CommandHandler<BalanceRequest>? Balance { get; init; }

    public CommandHandler<BenchRequest>? Bench { get; init; }

    public CommandHandler<CompletionRequest>? Completion { get; init; }

    public CommandHandler<VerifyRingRequest>? VerifyRing { get; init; }

    public CommandHandler<CompareRingsRequest>? CompareRings { get; init; }

    public CommandHandler<ServeZooKeeperRequest>? ServeZooKeeper { get; init; }

    /// <summary>Gets the handlers of the tool.</summary>
    public static CliHandlers Wired => new()
    {
        Demo = DemoHandler.RunAsync,
        CreateCluster = ClusterHandlers.CreateAsync,
        UpdateCluster = ClusterHandlers.UpdateAsync,
        DeleteCluster = ClusterHandlers.DeleteAsync,
        ExpireCluster = ClusterHandlers.ExpireAsync,
        ListClusters = ClusterHandlers.ListAsync,
        ShowCluster = ClusterHandlers.ShowAsync,
        ExportClusters = ExportClustersHandler.RunAsync,
        ApplyClusters = ApplyClustersHandler.RunAsync,
        ImportTwemproxy = ImportTwemproxyHandler.RunAsync,
        Checker = CheckerHandler.RunAsync,
        Status = StatusHandler.RunAsync,
        Why = WhyHandler.RunAsync,
        DrainShard = DrainShardHandler.RunAsync,
        Locate = LocateHandler.RunAsync,
        Dashboard = DashboardHandler.RunAsync,
        Events = EventsHandler.RunAsync,
        Simulate = SimulateHandler.RunAsync,
        Completion = CompletionHandler.RunAsync,
        VerifyRing = VerifyRingHandler.RunAsync,
        CompareRings = CompareRingsHandler.RunAsync,
        Doctor = DoctorHandler.RunAsync,
        Balance = BalanceHandler.RunAsync,
        Bench = BenchHandler.RunAsync,
        ServeZooKeeper = ServeZooKeeperHandler.RunAsync,
    };
}
