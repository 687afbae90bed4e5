using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>
/// Compares what the servers themselves keep. Behind a sync all have the same, or no client can be judged by one of them: members of Apache ZooKeeper 3.8.0 may end up with different data
/// when they stop to follow or catch up (ZOOKEEPER-4712, ZOOKEEPER-4785).
/// </summary>
internal static class ServerComparison
{
    /// <summary>Finds the znodes below these that servers keep in different states: each path, and the zxid and version that each server has.</summary>
    public static async Task<IReadOnlyList<(string Path, string States)>> CompareAsync(IReadOnlyList<int> ports, IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        var trees = new List<Dictionary<string, string>>();
        foreach (var port in ports)
        {
            await using var client = await ZooKeeperClient.ConnectAsync($"127.0.0.1:{port}", cancellationToken);
            trees.Add(await ReadAsync(client, folders, cancellationToken));
        }

        return
        [
            .. trees.SelectMany(static tree => tree.Keys).Distinct()
                .Select(path => (Path: path, States: trees.ConvertAll(tree => tree.GetValueOrDefault(path, "none"))))
                .Where(static znode => znode.States.Distinct().Count() > 1)
                .Select(static znode => (znode.Path, string.Join(", ", znode.States))),
        ];
    }

    private static async Task<Dictionary<string, string>> ReadAsync(ZooKeeperClient client, IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        var tree = new Dictionary<string, string>();
        foreach (var folder in folders)
        {
            await client.SyncAsync(folder, cancellationToken);
            foreach (var name in (await client.GetChildrenAsync(folder, cancellationToken)).Names)
            {
                var stat = await client.ExistsAsync($"{folder}/{name}", cancellationToken);
                tree[$"{folder}/{name}"] = stat is { } znode ? $"0x{znode.Mzxid:x} v{znode.Version}" : "none";
            }
        }

        return tree;
    }
}
