using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// What one who counts remembers from count to count: what was published, how long majorities have stood, and since when it has its place. Losing
/// it, as a new leader does, only delays. Used by the checker's steps alone.
/// </summary>
internal sealed class CountMemory(ZKCheckerOptions options, ILogger logger)
{
    private static readonly TimeSpan LeastOffice = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time = options.TimeProvider;

    // Since when each checker has stood by this very death of a shard; one it took back and declared again has another Since.
    private Dictionary<(string Addr, string Node), (long Since, long SeenAt)> _deaths = [];
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);
    private string? _alarm;
    private long _cluster;
    private long _countedAt;
    private (string Node, int Place, long Since)? _office;
    private (long Mzxid, long SeenAt) _own;

    /// <summary>By address, the highest Since read or written since the cluster was made: a Go leader can write a lower one.</summary>
    public ImmutableDictionary<string, ShardStatus> Published { get; private set; } = ImmutableDictionary.Create<string, ShardStatus>(StringComparer.Ordinal);

    /// <summary>How long each checker has stood by the death of a shard, by address and node.</summary>
    public Dictionary<(string Addr, string Node), TimeSpan> Standing => _deaths.ToDictionary(d => d.Key, d => _time.GetElapsedTime(d.Value.SeenAt));

    /// <summary>How long ago the own vote was seen as it stands now.</summary>
    public TimeSpan SinceOwnWrite => _time.GetElapsedTime(_own.SeenAt);

    /// <summary>How long it takes until this one has been in its place for as long as it must before it publishes a death.</summary>
    public TimeSpan OfficeLeft => _office is { } office && (options.Threshold > LeastOffice ? options.Threshold : LeastOffice) - _time.GetElapsedTime(office.Since) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Begins a count.</summary>
    public void Enter(BallotNodes nodes, string ownNode, int place)
    {
        if (_cluster != nodes.Cluster.Czxid)
        {
            // Names in its line begin anew, so that one may come again.
            (_cluster, Published, _office) = (nodes.Cluster.Czxid, Published.Clear(), null);
            _deaths.Clear();
            _held.Clear();
        }

        if (_time.GetElapsedTime(_countedAt) > 2 * options.LongestBetweenCounts)
        {
            // Whatever stood may have been broken meanwhile.
            _deaths.Clear();
        }

        _countedAt = _time.GetTimestamp();
        if (nodes.Votes.FirstOrDefault(v => v.Node == ownNode)?.Mzxid is not { } written || written != _own.Mzxid)
        {
            _own = (nodes.Votes.FirstOrDefault(v => v.Node == ownNode)?.Mzxid ?? 0, _countedAt);
        }

        NoteDeaths(nodes);

        if (_office is not { } office || office.Node != ownNode || office.Place != place)
        {
            _office = (ownNode, place, _time.GetTimestamp());
        }

        Remember(nodes.Statuses);
    }

    /// <summary>Notes what was read or written.</summary>
    public void Remember(ImmutableDictionary<string, ShardStatus> status)
    {
        foreach (var (addr, entry) in status)
        {
            if (!Published.TryGetValue(addr, out var known) || known.Since < entry.Since || (known.Since == entry.Since && known.RunId is null))
            {
                Published = Published.SetItem(addr, entry);
            }
        }
    }

    /// <summary>Notes the outcome of a count, and raises an alarm for what is newly held.</summary>
    public void Note(BallotResult result)
    {
        // A count that was overtaken, or that one who stands by repeats, is no news.
        if (result.Alarm is { } alarm && alarm != _alarm)
        {
            Log.ManyDeaths(logger, options.ClusterName, alarm);
        }

        _alarm = result.Alarm;

        foreach (var count in result.Shards)
        {
            if (count.Hold is null)
            {
                _held.Remove(count.Addr);
            }
            else if (_held.Add(count.Addr))
            {
                Tell(count);
            }
        }
    }

    private void NoteDeaths(BallotNodes nodes)
    {
        var now = _time.GetTimestamp();
        var deaths = new Dictionary<(string Addr, string Node), (long Since, long SeenAt)>();
        foreach (var vote in nodes.Votes)
        {
            foreach (var (addr, entry) in vote.Entries ?? ImmutableDictionary<string, VoteEntry>.Empty)
            {
                if (!entry.Status.Alive)
                {
                    var isKnown = _deaths.TryGetValue((addr, vote.Node), out var known) && known.Since == entry.Status.Since;
                    deaths[(addr, vote.Node)] = isKnown ? known : (entry.Status.Since, now);
                }
            }
        }

        _deaths = deaths;
    }

    private void Tell(ShardCount count)
    {
        CheckerCounts.Held(options.ClusterName, count.Hold!.IsBrake);
        if (count.Hold.IsBrake)
        {
            Log.BrakeHolds(logger, options.ClusterName, count.Addr, count.Why);
        }
        else
        {
            Log.OfficeHolds(logger, options.ClusterName, count.Addr, count.Why);
        }
    }
}
