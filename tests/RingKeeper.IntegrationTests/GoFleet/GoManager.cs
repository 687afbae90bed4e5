using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>A Go manager: node after node, without versions or transactions, and with the three fields it knows.</summary>
internal sealed class GoManager(ZooKeeperClient client)
{
    public async Task CreateAsync(string name, IReadOnlyList<Shard> shards, byte[] options)
    {
        if (await client.ExistsAsync("/goreclusters", Cancel.Soon) is null)
        {
            await client.CreateAsync("/goreclusters", "goreclusters"u8.ToArray(), cancellationToken: Cancel.Soon);
        }

        await client.CreateAsync($"/goreclusters/{name}", Now(), cancellationToken: Cancel.Soon);
        await client.CreateAsync($"/goreclusters/{name}/shards", GoJson.Shards(shards), cancellationToken: Cancel.Soon);
        await client.CreateAsync($"/goreclusters/{name}/options", options, cancellationToken: Cancel.Soon);
    }

    public async Task UpdateAsync(string name, IReadOnlyList<Shard> shards, byte[]? options = null)
    {
        await client.SetDataAsync($"/goreclusters/{name}/shards", GoJson.Shards(shards), -1, Cancel.Soon);
        await client.SetDataAsync($"/goreclusters/{name}/options", options ?? await OptionsAsync(name), -1, Cancel.Soon);
        await client.SetDataAsync($"/goreclusters/{name}", Now(), -1, Cancel.Soon);
    }

    /// <summary>Deletes each child in the order in which ZooKeeper lists them, the status last; then the cluster. Goes on past what is refused.</summary>
    /// <returns>Whether everything could be deleted.</returns>
    public async Task<bool> DeleteAsync(string name)
    {
        var isGone = true;
        foreach (var child in (await client.GetChildrenAsync($"/goreclusters/{name}", Cancel.Soon)).Names.OrderBy(n => n == "status"))
        {
            isGone &= await TryDeleteAsync($"/goreclusters/{name}/{child}");
        }

        return isGone && await TryDeleteAsync($"/goreclusters/{name}");
    }

    /// <summary>Lists clusters as Go does: those that lack shards or options are skipped.</summary>
    public async Task<List<string>> ListAsync()
    {
        var names = new List<string>();
        foreach (var name in (await client.GetChildrenAsync("/goreclusters", Cancel.Soon)).Names)
        {
            if (await client.ExistsAsync($"/goreclusters/{name}/shards", Cancel.Soon) is not null && await client.ExistsAsync($"/goreclusters/{name}/options", Cancel.Soon) is not null)
            {
                names.Add(name);
            }
        }

        return names;
    }

    // What it read into its three fields is what it writes back.
    private async Task<byte[]> OptionsAsync(string name)
    {
        var (failover, type, parameters) = GoJson.ParseOptions((await client.GetDataAsync($"/goreclusters/{name}/options", Cancel.Soon)).Data);
        return GoJson.Options(failover, type, parameters);
    }

    private async Task<bool> TryDeleteAsync(string path)
    {
        try
        {
            await client.DeleteAsync(path, -1, Cancel.Soon);
            return true;
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NotEmpty)
        {
            return false;
        }
    }

    private static byte[] Now() => Encoding.ASCII.GetBytes($"{GoJson.Now()}");
}
