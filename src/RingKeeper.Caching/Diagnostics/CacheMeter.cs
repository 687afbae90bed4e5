using System.Diagnostics.Metrics;

namespace RingKeeper;

/// <summary>Counts what one cache does, for its snapshot and for the process' meter. Allocates nothing.</summary>
internal sealed class CacheMeter(string? cluster)
{
    private static readonly Counter<long> Requests = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.cache.requests", "{request}", "Reads of a cache by their result: hit, miss (nothing there), stale, foreign or away.");

    private static readonly Counter<long> AllLoads = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.cache.loads", "{load}", "Values loaded after a miss, by what became of them: stored, changed (another was there by then), unstored or failed.");

    private static readonly Counter<long> AllFills = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.cache.fills", "{fill}", "Misses filled from the shard that served the key before.");

    private readonly KeyValuePair<string, object?> _cluster = new(RingKeeperTelemetry.ClusterTag, cluster);
    private readonly SpreadCount _hits = new();
    private long _absent;
    private long _stale;
    private long _foreign;
    private long _away;
    private long _loads;
    private long _failed;
    private long _unstored;
    private long _fills;

    public CacheCounters Counters
    {
        get
        {
            var (stale, foreign, away) = (Interlocked.Read(ref _stale), Interlocked.Read(ref _foreign), Interlocked.Read(ref _away));
            return new CacheCounters
            {
                Hits = _hits.Value,
                Misses = Interlocked.Read(ref _absent) + stale + foreign + away,
                StaleMisses = stale,
                ForeignMisses = foreign,
                AwayMisses = away,
                Loads = Interlocked.Read(ref _loads),
                FailedLoads = Interlocked.Read(ref _failed),
                UnstoredLoads = Interlocked.Read(ref _unstored),
                Fills = Interlocked.Read(ref _fills),
            };
        }
    }

    public void Read(CopyState state)
    {
        switch (state)
        {
            case CopyState.Valid:
                _hits.Increment();
                Add(Requests, "ringkeeper.cache.result", "hit");
                break;
            case CopyState.Stale:
                Interlocked.Increment(ref _stale);
                Add(Requests, "ringkeeper.cache.result", "stale");
                break;
            case CopyState.Foreign:
                Interlocked.Increment(ref _foreign);
                Add(Requests, "ringkeeper.cache.result", "foreign");
                break;
            default:
                Interlocked.Increment(ref _absent);
                Add(Requests, "ringkeeper.cache.result", "miss");
                break;
        }
    }

    public void Away()
    {
        Interlocked.Increment(ref _away);
        Add(Requests, "ringkeeper.cache.result", "away");
    }

    public void Filled()
    {
        Interlocked.Increment(ref _fills);
        if (AllFills.Enabled)
        {
            AllFills.Add(1, new KeyValuePair<string, object?>(RingKeeperTelemetry.ClusterTag, cluster));
        }
    }

    public void LoadFailed()
    {
        Interlocked.Increment(ref _failed);
        Add(AllLoads, "ringkeeper.cache.outcome", "failed");
    }

    public void Loaded(WriteOutcome outcome)
    {
        Interlocked.Increment(ref _loads);
        if (outcome is not (WriteOutcome.Done or WriteOutcome.Changed))
        {
            Interlocked.Increment(ref _unstored);
        }

        Add(AllLoads, "ringkeeper.cache.outcome", outcome switch { WriteOutcome.Done => "stored", WriteOutcome.Changed => "changed", _ => "unstored" });
    }

    private void Add(Counter<long> counter, string tag, string value)
    {
        if (!counter.Enabled)
        {
            return;
        }

        if (cluster is null)
        {
            counter.Add(1, new KeyValuePair<string, object?>(tag, value));
        }
        else
        {
            counter.Add(1, new KeyValuePair<string, object?>(tag, value), _cluster);
        }
    }
}
