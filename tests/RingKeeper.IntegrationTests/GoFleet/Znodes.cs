using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>Reads znodes raw, and waits for what is written into them.</summary>
internal static class Znodes
{
    public static async Task<string?> TextAsync(ZooKeeperClient client, string path)
    {
        try
        {
            return Encoding.UTF8.GetString((await client.GetDataAsync(path, Cancel.Soon)).Data);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return null;
        }
    }

    public static async Task<Stat> StatAsync(ZooKeeperClient client, string path) =>
        await client.ExistsAsync(path, Cancel.Soon) ?? throw new InvalidOperationException($"{path} is missing.");

    public static Task SetAsync(ZooKeeperClient client, string path, string data) => client.SetDataAsync(path, Encoding.UTF8.GetBytes(data), -1, Cancel.Soon).AsTask();

    /// <summary>Waits until a znode and those below it are as wanted.</summary>
    public static async Task WaitAsync(ZooKeeperClient client, string path, Func<Task<bool>> isAsWanted)
    {
        await using var watch = await client.WatchAsync(path, WatchMode.PersistentRecursive, Cancel.Soon);
        await using var events = watch.ReadAllAsync(Cancel.Soon).GetAsyncEnumerator();
        while (!await isAsWanted())
        {
            try
            {
                await events.MoveNextAsync();
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"{path} never was as wanted; it is {await TextAsync(client, path)}.", e);
            }
        }
    }

    public static Task WaitAsync(ZooKeeperClient client, string path, Func<string?, bool> isAsWanted) =>
        WaitAsync(client, path, async () => isAsWanted(await TextAsync(client, path)));

    public static Task WaitForStatusAsync(ZooKeeperClient client, string name, Func<Dictionary<string, GoStatus>, bool> isAsWanted) =>
        WaitAsync(client, $"/goreclusters/{name}/status", text => text is not null && isAsWanted(GoJson.TryParseStatuses(Encoding.UTF8.GetBytes(text)) ?? []));

    public static async Task<Dictionary<string, GoStatus>> StatusAsync(ZooKeeperClient client, string name) =>
        GoJson.TryParseStatuses((await client.GetDataAsync($"/goreclusters/{name}/status", Cancel.Soon)).Data) ?? [];
}
