using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>One ensemble with six shards of all sorts and three checkers, on loopback; the scenarios of several classes take turns on it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LoopbackScene : ICollectionFixture<LoopbackScene>, IAsyncLifetime
{
    public const string Name = "decisions on loopback";

    /// <summary>Takes long to load its dump.</summary>
    internal const string SlowLoader = "shard1";

    /// <summary>Stands behind a proxy.</summary>
    internal const string Proxied = "shard2";

    /// <summary>Saves to a small disk.</summary>
    internal const string OnSmallDisk = "shard3";

    /// <summary>Have nothing peculiar.</summary>
    internal static readonly string[] Plain = ["shard4", "shard5", "shard6"];

    internal DecisionScene Scene { get; } = new(new EnsembleStack
    {
        Interval = TimeSpan.FromMilliseconds(250),
        Threshold = TimeSpan.FromSeconds(2),
        SessionTimeout = TimeSpan.FromSeconds(4),
        Sorts =
        [
            FaultyShard.StartSlowLoaderAsync,
            FaultyShard.StartBehindProxyAsync,
            async () => await FaultyShard.StartOnAsync(await SmallDisk.MountAsync()),
        ],
    });

    public async ValueTask InitializeAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            await Scene.StartAsync(shards: 6);
        }
    }

    public ValueTask DisposeAsync() => Scene.DisposeAsync();
}
