using Microsoft.Extensions.Caching.Memory;
using RingKeeper;
using ZiggyCreatures.Caching.Fusion;

namespace FusionCacheBackplane;

/// <summary>One process's cache.</summary>
internal sealed record Node(FusionCache Cache, RingBackplane Backplane) : IAsyncDisposable
{
    public static async Task<Node> StartAsync(IConnector ring)
    {
        var memory = new MemoryCache(new MemoryCacheOptions());
        var node = new Node(new FusionCache(new FusionCacheOptions(), memory), new RingBackplane(ring, memory.Clear));
        node.Cache.SetupBackplane(node.Backplane);
        await node.Backplane.Subscribed;
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        Cache.Dispose();
        await Backplane.DisposeAsync();
    }
}
