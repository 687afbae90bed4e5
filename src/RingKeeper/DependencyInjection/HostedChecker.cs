using Microsoft.Extensions.Hosting;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Runs a checker as long as its host. A fault that ends the checker ends the service: the host then acts by its <c>BackgroundServiceExceptionBehavior</c>.</summary>
internal sealed class HostedChecker(string name, ZooKeeperSessions sessions, OptionsMap options) : BackgroundService, IAsyncDisposable
{
    private ZKChecker? _checker;

    /// <summary>Starts the checker. Where the cluster may start from a snapshot, a ZooKeeper that is away does not fail the start: the checker then joins as soon as it can.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await JoinAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException away) when (IsPassing(away) && !string.IsNullOrEmpty(options.Read(name).SnapshotFile))
        {
            TellOf(away);
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // First the watch on the checker, so that its stop is not taken for a fault.
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (_checker is { } checker)
        {
            await checker.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Withdraws the vote, also where a start that failed elsewhere left no time to stop.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (ExecuteTask is { } executing)
        {
            // It may be joining.
            await executing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_checker is { } checker)
        {
            await checker.DisposeAsync().ConfigureAwait(false);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (_checker is null)
        {
            try
            {
                await JoinAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (ZooKeeperException away) when (IsPassing(away))
            {
                // Waited for the session up to the start timeout; said once.
            }
        }

        await _checker.Completion.WaitAsync(stoppingToken).ConfigureAwait(false);
    }

    private static bool IsPassing(ZooKeeperException exception) =>
        exception.Code is ZooKeeperErrorCode.ConnectionLoss or ZooKeeperErrorCode.SessionExpired or ZooKeeperErrorCode.OperationTimeout;

    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        var client = await sessions.GetAsync(options.ToConnector(name), cancellationToken).ConfigureAwait(false);
        var checker = await ZKChecker.ConnectAsync(client, options.ToChecker(name), cancellationToken).ConfigureAwait(false);
        await checker.StartAsync(cancellationToken).ConfigureAwait(false);
        _checker = checker;
    }

    private void TellOf(ZooKeeperException away) => Log.CheckerWaits(options.ClusterLogger, options.Read(name).ClusterName!, away.Message);
}
