using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RingKeeper.Dashboard;

/// <summary>The feeds of one dashboard, in the order in which they are listed.</summary>
/// <param name="feeds">The feeds.</param>
internal sealed class DashboardFeeds(IReadOnlyList<DashboardFeed> feeds) : IAsyncDisposable
{
    private const string Category = "RingKeeper.Dashboard";

    /// <summary>The feeds.</summary>
    public IReadOnlyList<DashboardFeed> All { get; } = feeds;

    /// <summary>The names of the clusters.</summary>
    public IReadOnlyList<string> Names { get; } = [.. feeds.Select(static feed => feed.Id)];

    /// <summary>The feed of a cluster, or null.</summary>
    public DashboardFeed? Find(string? name) => All.FirstOrDefault(feed => feed.Id == name);

    /// <summary>Starts those that are not started.</summary>
    public void Start()
    {
        foreach (var feed in All)
        {
            feed.Start();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var feed in All)
        {
            await feed.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Makes the feeds of the clusters that a container has; nothing is started.</summary>
    /// <exception cref="InvalidOperationException">None is registered, or none by a name that is asked for.</exception>
    public static DashboardFeeds Of(IServiceProvider services, DashboardOptions options)
    {
        var registrations = services.GetServices<ClusterRegistration>().ToList();
        if (registrations.Count == 0)
        {
            throw new InvalidOperationException("No cluster is registered in this container, so that there is nothing to show. Call services.AddRingKeeper(…) before it is built.");
        }

        var map = services.GetRequiredService<OptionsMap>();
        var logger = LoggerOf(services.GetService<ILoggerFactory>());
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var (sources, seen) = (new List<FeedSource>(), new HashSet<(string, string)>());
        foreach (var registration in registrations)
        {
            var name = map.Read(registration.Name).ClusterName!;
            var isWanted = options.Clusters.Count == 0 || options.Clusters.Contains(name);

            // One cluster that is registered twice is one; two of one name are told apart by the key.
            if (isWanted && seen.Add((ZooKeeperSessions.ServersOf(map.ToConnector(registration.Name)), name)))
            {
                var facts = new ShardFactsReader(map.ToCluster(registration.Name).ConfigureRedis, time);

                // A key may be any text; a step of an address can hold no slash, not even an escaped one.
                var id = sources.Any(source => source.Id == name) ? $"{name}@{registration.Key ?? "default"}".Replace('/', '-') : name;
                sources.Add(FeedSource.Of(id, services.GetRequiredKeyedService<ZKCluster>(registration.Key), facts));
            }
        }

        var missing = options.Clusters.Where(name => sources.All(source => source.Cluster != name)).ToList();
        return missing.Count == 0
            ? new DashboardFeeds([.. sources.Select(source => new DashboardFeed(source, time, logger))])
            : throw new InvalidOperationException(
                $"{nameof(DashboardOptions)}.{nameof(options.Clusters)} names {string.Join(", ", missing)}, and the application has registered {string.Join(", ", registrations.Select(r => map.Read(r.Name).ClusterName))}. Register it with AddRingKeeper, or leave it out.");
    }

    /// <summary>Makes the feeds of clients that are connected; they stay the caller's.</summary>
    public static DashboardFeeds Of(IEnumerable<ZKCluster> clusters, ShardFactsReader facts, TimeProvider time, ILoggerFactory loggers) =>
        new([.. clusters.Select(cluster => new DashboardFeed(FeedSource.Of(cluster.Name, cluster, facts), time, LoggerOf(loggers)))]);

    /// <summary>Starts the feeds with an application and ends them with it.</summary>
    /// <returns>Fires when the application stops, before it waits for requests to end.</returns>
    public CancellationToken BindTo(IHostApplicationLifetime? lifetime)
    {
        lifetime?.ApplicationStarted.Register(Start);
        return lifetime?.ApplicationStopping ?? CancellationToken.None;
    }

    private static ILogger LoggerOf(ILoggerFactory? loggers) => (loggers ?? NullLoggerFactory.Instance).CreateLogger(Category);
}
