using Microsoft.Extensions.Hosting;

namespace RingKeeper;

/// <summary>Runs a checker as long as its host. A fault that ends the checker ends the service: the host then acts by its <c>BackgroundServiceExceptionBehavior</c>.</summary>
internal sealed class HostedChecker(string name, ZooKeeperSessions sessions, OptionsMap options) : BackgroundService, IAsyncDisposable
{
    private ZKChecker? _checker;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var client = await sessions.GetAsync(options.ToConnector(name), cancellationToken).ConfigureAwait(false);
        _checker = await ZKChecker.ConnectAsync(client, options.ToChecker(name), cancellationToken).ConfigureAwait(false);
        await _checker.StartAsync(cancellationToken).ConfigureAwait(false);
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
        if (_checker is { } checker)
        {
            await checker.DisposeAsync().ConfigureAwait(false);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _checker!.Completion.WaitAsync(stoppingToken);
}
