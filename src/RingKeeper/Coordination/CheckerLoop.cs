using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>The single actor of a checker: whatever happens (a verdict, a watch, a session change) only wakes it, and it takes the next step.</summary>
internal sealed class CheckerLoop
{
    private readonly ZooKeeperClient _client;
    private readonly ZKCheckerOptions _options;
    private readonly LocalChecker _local;
    private readonly WakeSignal _wake;
    private readonly CheckerSteps _steps;
    private readonly SessionCounts _sessions;

    public CheckerLoop(ZooKeeperClient client, ZKCheckerOptions options, LocalChecker local, ILogger logger)
    {
        _client = client;
        _options = options;
        _local = local;
        _wake = new WakeSignal(options.TimeProvider);
        _steps = new CheckerSteps(client, options, local, _wake.Set, logger);
        _sessions = new SessionCounts(options.ClusterName, "checker");
    }

    /// <summary>Whether this checker is first in line and has counted.</summary>
    public bool IsLeading => _steps.IsLeading;

    /// <summary>The name of the own node, or null.</summary>
    public string? Node => _steps.Node;

    /// <summary>How it is doing; may be asked at any time.</summary>
    public ZKCheckerHealth Health => _steps.Pulse.Describe(_steps.Node) with
    {
        Session = _client.Session.State,
        IsLeading = IsLeading,
        SinceVoteWritten = _steps.SinceVoteWritten,
        Trouble = _steps.Trouble,
    };

    /// <summary>Runs until it is cancelled. No failure of ZooKeeper or of a shard ends it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Ends the listeners too if the loop itself fails, so that a fault is seen and not waited out.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] tasks = [StepsAsync(stop.Token), FollowSessionAsync(stop.Token), FollowVerdictsAsync(stop.Token)];
        try
        {
            var first = await Task.WhenAny(tasks).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw new RingKeeperException($"The checker of cluster '{_options.ClusterName}' ended: its ZooKeeper client is {_client.Session.State}. Start it again over a client that is open.");
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _steps.EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Deletes the own node, after the loop has ended.</summary>
    public Task WithdrawAsync(CancellationToken cancellationToken) => _steps.WithdrawAsync(cancellationToken);

    private async Task StepsAsync(CancellationToken cancellationToken)
    {
        var pause = TimeSpan.Zero;
        while (true)
        {
            await _wake.WaitAsync(pause, cancellationToken).ConfigureAwait(false);
            pause = await _steps.TakeAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FollowSessionAsync(CancellationToken cancellationToken)
    {
        await foreach (var session in _client.WatchSessionAsync(cancellationToken).ConfigureAwait(false))
        {
            _sessions.Hear(session.State);
            _steps.HearSession(session);
        }
    }

    private async Task FollowVerdictsAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in _local.WatchStatusesAsync(cancellationToken).ConfigureAwait(false))
        {
            _wake.Set();
        }
    }
}
