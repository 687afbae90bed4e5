using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace RingKeeper;

/// <summary>Connects every cluster of a container when its host starts, before any service of the host runs; all at once, so that one that is away delays no other.</summary>
internal sealed class ClusterStarter(
    IServiceProvider services,
    IEnumerable<ClusterRegistration> clusters,
    IEnumerable<CheckerRegistration> checkers,
    ZooKeeperSessions sessions,
    OptionsMap options) : IHostedLifecycleService, IDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);

    /// <summary>Connects the clusters that are not connected yet.</summary>
    /// <exception cref="RingKeeperException">ZooKeeper could not be reached, or there is no such cluster; the message names every one and its setting.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            RefuseCheckersOfOneCluster();
            RefuseSharedSnapshots();
            var failures = await Task.WhenAll(clusters.Select(cluster => TryConnectAsync(cluster, cancellationToken))).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            Throw([.. failures.OfType<RingKeeperException>()]);
        }
        finally
        {
            _connecting.Release();
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => ConnectAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _connecting.Dispose();

    // Null: connected. Failures are collected, so that the first start shows all that has to be put right.
    private async Task<RingKeeperException?> TryConnectAsync(ClusterRegistration registration, CancellationToken cancellationToken)
    {
        try
        {
            var cluster = services.GetRequiredKeyedService<ZKCluster>(registration.Key);
            if (!cluster.IsConnected)
            {
                var client = await sessions.OpenAsync(options.ToConnector(registration.Name)).ConfigureAwait(false);
                await cluster.FollowAsync(client, cancellationToken).ConfigureAwait(false);
            }

            return null;
        }
        catch (Exception e) when (e is ZooKeeper.ZooKeeperException or RingKeeperException)
        {
            var settings = options.Read(registration.Name);
            return new RingKeeperException(
                $"Cluster '{settings.ClusterName}' ({SettingName.Of(registration.Name, settings, nameof(settings.ClusterName))}) on ZooKeeper '{settings.ZKServers}' ({SettingName.Of(registration.Name, settings, nameof(settings.ZKServers))}) could not be connected: {e.Message}",
                e);
        }
    }

    private static void Throw(RingKeeperException[] failures)
    {
        if (failures.Length == 1)
        {
            throw failures[0];
        }

        if (failures.Length > 1)
        {
            throw new RingKeeperException(string.Join(Environment.NewLine, failures.Select(failure => failure.Message)), new AggregateException("Several clusters could not be connected.", failures.Select(failure => failure.InnerException!)));
        }
    }

    // Two checkers on one session would take each other's znode for their own; on two sessions one machine would vote twice.
    private void RefuseCheckersOfOneCluster()
    {
        foreach (var same in checkers.GroupBy(checker => (ZooKeeperSessions.ServersOf(options.ToConnector(checker.Name)), options.Read(checker.Name).ClusterName)))
        {
            if (same.Count() > 1)
            {
                throw new RingKeeperException($"Several registrations ({NamesOf(same.Select(checker => checker.Name))}) add a checker for cluster '{same.Key.ClusterName}' in this process, whose votes would count twice. Leave one AddChecker.");
            }
        }
    }

    // Each would find the other's cluster in the file when it needs it, and refuse it.
    private void RefuseSharedSnapshots()
    {
        var files = clusters.Select(cluster => (cluster.Name, File: options.Read(cluster.Name).SnapshotFile)).Where(cluster => !string.IsNullOrEmpty(cluster.File));
        foreach (var same in files.GroupBy(cluster => Path.GetFullPath(cluster.File!), StringComparer.Ordinal))
        {
            if (same.Count() > 1)
            {
                var settings = same.Select(cluster => SettingName.Of(cluster.Name, options.Read(cluster.Name), nameof(RingKeeperOptions.SnapshotFile)));
                throw new RingKeeperException($"Several registrations ({NamesOf(same.Select(cluster => cluster.Name))}) keep their snapshot in '{same.Key}' and would overwrite each other's. Give each a file of its own: {string.Join(", ", settings)}.");
            }
        }
    }

    private static string NamesOf(IEnumerable<string> names) => string.Join(", ", names.Select(name => name.Length == 0 ? "the one without key" : $"'{name}'"));
}
