using RingKeeper.Testing;
using StackExchange.Redis;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>Waits for views, and words for them.</summary>
internal static class Views
{
    public static bool AllAlive(ClusterView view) => Enumerable.Range(0, view.Ring.Shards.Count).All(i => view.StatusOf(i) is { Alive: true });

    public static Func<ClusterView, bool> IsAlive(string shard) => view => Of(view, shard) is { Alive: true };

    public static Func<ClusterView, bool> IsDead(string shard) => view => Of(view, shard) is { Alive: false };

    public static ShardStatus? Of(ClusterView view, string shard)
    {
        var index = view.Ring.Shards.ToList().FindIndex(s => s.Name == shard);
        return index < 0 ? null : view.StatusOf(index);
    }

    public static async Task<ClusterView> WaitAsync(ZKCluster client, Func<ClusterView, bool> isAsWanted)
    {
        try
        {
            return await RingKeeperTestCluster.WaitForAsync(client, isAsWanted, Cancel.Soon);
        }
        catch (OperationCanceledException e)
        {
            var shards = client.View.Ring.Shards.Select((s, i) => $"{s.Name} {client.View.StatusOf(i)}");
            throw new TimeoutException($"The view never was as wanted; it is {string.Join(", ", shards)}, session {client.Session}.", e);
        }
    }

    /// <summary>
    /// Waits until a shard that returned serves this client: the checkers may know of the return before the client's own connection is back, and reads are misses until that has
    /// told its server's run.
    /// </summary>
    public static async Task ServesAsync(ZKCluster client, string shard)
    {
        var soon = Cancel.Soon;
        await WaitAsync(client, IsAlive(shard));
        var key = KeyOf(client.View.Ring, shard);
        while (!await client.ExecuteAsync(
            key,
            static async route =>
            {
                await route.Database.PingAsync();
                return route.Origin!.IsViewsRun(route.Origin.Run);
            },
            CommandFlags.CommandRetryReadOnly,
            RoutePolicy.OwnerOnly,
            cancellationToken: soon))
        {
            soon.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A key that the shard owns.</summary>
    public static string KeyOf(HashRing ring, string shard, int nth = 0) => Enumerable.Range(0, 100_000)
        .Select(i => $"key{i}")
        .Where(key => ring.Shards[ring.GetOwner(System.Text.Encoding.UTF8.GetBytes(key))].Name == shard)
        .ElementAt(nth);
}
