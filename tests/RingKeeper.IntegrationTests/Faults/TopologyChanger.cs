using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Faults;

/// <summary>Adds a shard and removes it, over and over, as an operator would who does not know of the faults; keeps book of what must stand in the end.</summary>
internal sealed class TopologyChanger(ClusterStack stack, RegisterWorkload workload, Shard newcomer) : IAsyncDisposable
{
    private const int WritesBetween = 250;

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turn = new(1);
    private Task _running = Task.CompletedTask;

    // A change whose reply was lost may have been made.
    private bool _open;

    public int Changes { get; private set; }

    /// <summary>Changes that ZooKeeper, away at the time, refused or left open; looked up before the next.</summary>
    public int Doubtful { get; private set; }

    /// <summary>What was acknowledged last; null before the first change.</summary>
    public ZKClusterInfo? Acknowledged { get; private set; }

    public void Start() => _running = RunAsync();

    /// <summary>Returns once no change is under way; none begins until <see cref="GoOn"/>. A change would tell clients what they are to find out without one.</summary>
    public Task HoldAsync() => _turn.WaitAsync(Cancel.Soon);

    public void GoOn() => _turn.Release();

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _turn.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await workload.WhenWrittenAsync(WritesBetween).WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _turn.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await ChangeAsync();
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    private async Task ChangeAsync()
    {
        try
        {
            var cluster = await stack.Manager.GetClusterAsync(stack.Name, Cancel.Soon);
            if (Acknowledged is not null && !IsExplained(cluster))
            {
                throw new InvalidOperationException($"A change was lost: acknowledged were {Names(Acknowledged)}, and there are {Names(cluster)}.");
            }

            var isThere = cluster.Shards.Contains(newcomer);
            Acknowledged = await stack.Manager.UpdateClusterAsync(
                cluster with { Shards = isThere ? [.. cluster.Shards.Where(s => s != newcomer)] : [.. cluster.Shards, newcomer] }, Cancel.Soon);
            _open = false;
            Changes++;
        }
        catch (ZooKeeperException)
        {
            _open = true;
            Doubtful++;
        }
    }

    private bool IsExplained(ZKClusterInfo cluster) => _open || cluster.Revision == Acknowledged!.Revision;

    private static string Names(ZKClusterInfo cluster) => string.Join(", ", cluster.Shards.Select(s => s.Name));
}
