using System.Globalization;
using System.Text;
using RingKeeper.ZooKeeper;
using StackExchange.Redis;

namespace RingKeeper.Testing;

/// <content>Waits that a test needs instead of sleeps.</content>
public sealed partial class RingKeeperTestCluster
{
    /// <summary>Waits until a client's view is as wanted.</summary>
    /// <param name="cluster">The client.</param>
    /// <param name="isAsWanted">What is waited for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The view.</returns>
    public static async Task<ClusterView> WaitForAsync(ZKCluster cluster, Func<ClusterView, bool> isAsWanted, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(isAsWanted);
        await foreach (var view in cluster.WatchViewsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (isAsWanted(view))
            {
                return view;
            }
        }

        throw new OperationCanceledException("The client was closed before its view was as wanted.", cancellationToken);
    }

    /// <summary>
    /// Waits until a client takes a shard for alive or for dead. Alive also means that its connection to the shard answers, and that a cache on it takes what is stored there for
    /// what it is: the next call does not fail for want of a connection.
    /// </summary>
    /// <param name="cluster">The client.</param>
    /// <param name="name">The shard's name.</param>
    /// <param name="alive">Whether it is to be alive or dead.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The view.</returns>
    /// <exception cref="ArgumentException">There is no such shard.</exception>
    /// <exception cref="RingKeeperException">It did not become so within <see cref="RingKeeperTestClusterOptions.WaitTimeout"/>.</exception>
    public Task<ClusterView> WaitForShardAsync(ZKCluster cluster, string name, bool alive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        Server(name);
        return BoundAsync(
            async limit =>
            {
                var view = await WaitForAsync(cluster, view => StatusOf(view, name) is { } status && status.Alive == alive, limit).ConfigureAwait(false);
                if (alive)
                {
                    await ReachAsync(cluster, KeyOf(view.Ring, name), limit).ConfigureAwait(false);
                }

                return cluster.View;
            },
            () => $"The client did not take {name} for {(alive ? "alive" : "dead")} within {_options.WaitTimeout}; it knows: {Describe(cluster.View)}; its ZooKeeper session is {cluster.Session.State}.",
            cancellationToken);
    }

    /// <summary>Waits until a client has noticed that ZooKeeper is away, or has it back.</summary>
    /// <param name="cluster">The client.</param>
    /// <param name="connected">Whether its session is to be connected or not.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When it is so.</returns>
    /// <exception cref="RingKeeperException">It did not become so within <see cref="RingKeeperTestClusterOptions.WaitTimeout"/>.</exception>
    public Task WaitForZooKeeperAsync(ZKCluster cluster, bool connected, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var client = cluster.Client ?? throw new ArgumentException("The client comes from a container whose host has not started.", nameof(cluster));
        return BoundAsync(
            async limit =>
            {
                await foreach (var session in client.WatchSessionAsync(limit).ConfigureAwait(false))
                {
                    if (session.State == SessionState.Connected == connected)
                    {
                        return true;
                    }
                }

                throw new OperationCanceledException("The client was closed meanwhile.");
            },
            () => $"The client's ZooKeeper session was not {(connected ? "connected" : "suspended")} within {_options.WaitTimeout}; it is {cluster.Session.State}.",
            cancellationToken);
    }

    private async Task<T> BoundAsync<T>(Func<CancellationToken, Task<T>> wait, Func<string> describe, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_options.WaitTimeout, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await wait(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new RingKeeperException(describe(), e);
        }
    }

    /// <summary>Waits until a key's owner answers over the client's connection, and its run is the one that the view tells of.</summary>
    private static async Task ReachAsync(ZKCluster cluster, string key, CancellationToken cancellationToken)
    {
        while (!await cluster.ExecuteAsync(
            key,
            static async route =>
            {
                await route.Database.PingAsync().ConfigureAwait(false);
                return route.Origin!.IsViewsRun(route.Origin.Run);
            },
            CommandFlags.CommandRetryReadOnly,
            RoutePolicy.OwnerOnly,
            Timeout.InfiniteTimeSpan,
            cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static string KeyOf(HashRing ring, string shard)
    {
        for (var i = 0; ; i++)
        {
            var key = i.ToString(CultureInfo.InvariantCulture);
            if (ring.Shards[ring.GetOwner(Encoding.UTF8.GetBytes(key))].Name == shard)
            {
                return key;
            }
        }
    }

    private static ShardStatus? StatusOf(ClusterView view, string name)
    {
        for (var i = 0; i < view.Ring.Shards.Count; i++)
        {
            if (view.Ring.Shards[i].Name == name)
            {
                return view.StatusOf(i);
            }
        }

        return null;
    }

    private static string Describe(ClusterView view) =>
        string.Join("; ", view.Ring.Shards.Select((s, i) => $"{s.Name} at {s.Addr}: {(view.StatusOf(i) is { } status ? status.Alive ? "alive" : "dead" : "no decision yet")}"));
}
