using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>Routes every key to one server under an epoch that the test turns.</summary>
internal sealed class SteeredConnector(IDatabase database, TimeProvider time) : IConnector, IRouteSource
{
    private static readonly Shard Only = new("shard", "127.0.0.1:1");

    private readonly List<(int Lookups, TaskCompletionSource Reached)> _watches = [];
    private TaskCompletionSource _changed = New();

    public long Epoch { get; private set; }

    public bool ReadsAreMisses { get; set; }

    /// <summary>What lookups fail with; null where they do not.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How often a route was asked for.</summary>
    public int Lookups { get; private set; }

    public Task RoutesChanged => _changed.Task;

    public TimeProvider Time => time;

    public void Turn(long epoch)
    {
        Epoch = epoch;
        var last = _changed;
        _changed = New();
        last.SetResult();
    }

    /// <summary>Ends when a route has been asked for so often.</summary>
    public Task WhenLookedUpAsync(int lookups)
    {
        lock (_watches)
        {
            var reached = New();
            _watches.Add((lookups, reached));
            Tell();
            return reached.Task.WaitAsync(Cancel.Soon);
        }
    }

    public ShardRoute RouteAt(long epoch) => new(database, Only, epoch, ReadsAreMisses);

    public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy = RoutePolicy.Failover, CancellationToken cancellationToken = default)
    {
        lock (_watches)
        {
            Lookups++;
            Tell();
        }

        return Failure is null ? new ValueTask<ShardRoute>(RouteAt(Epoch)) : ValueTask.FromException<ShardRoute>(Failure);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // A look-up allocates nothing: a test counts the bytes of a hit.
    private void Tell()
    {
        foreach (var watch in _watches)
        {
            if (Lookups >= watch.Lookups)
            {
                watch.Reached.TrySetResult();
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
