using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>
/// Compares what the servers themselves keep. Behind a sync all have the same, or no client can be judged by one of them: members of Apache ZooKeeper 3.8.0 may end up with different data
/// when they stop to follow or catch up (ZOOKEEPER-4712, ZOOKEEPER-4785).
/// </summary>
internal static class ServerComparison
{
    /// <summary>Finds the znodes below these that servers keep in different states: each path and the zxid of each server.</summary>
    public static async Task<IReadOnlyList<(string Path, string States)>> CompareAsync(IReadOnlyList<int> ports, IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        var trees = new List<Dictionary<string, long>>();
        foreach (var port in ports)
        {
            await using var client = await ZooKeeperClient.ConnectAsync($"127.0.0.1:{port}", cancellationToken);
            trees.Add(await ReadAsync(client, folders, cancellationToken));
        }

        return
        [
            .. trees.SelectMany(static tree => tree.Keys).Distinct()
                .Select(path => (Path: path, Zxids: trees.ConvertAll(tree => tree.TryGetValue(path, out var mzxid) ? $"0x{mzxid:x}" : "none")))
                .Where(static znode => znode.Zxids.Distinct().Count() > 1)
                .Select(static znode => (znode.Path, string.Join(", ", znode.Zxids))),
        ];
    }

    private static async Task<Dictionary<string, long>> ReadAsync(ZooKeeperClient client, IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        var tree = new Dictionary<string, long>();
        foreach (var folder in folders)
        {
            await client.SyncAsync(folder, cancellationToken);
            foreach (var name in (await client.GetChildrenAsync(folder, cancellationToken)).Names)
            {
                tree[$"{folder}/{name}"] = (await client.ExistsAsync($"{folder}/{name}", cancellationToken))?.Mzxid ?? 0;
            }
        }

        return tree;
    }
}
