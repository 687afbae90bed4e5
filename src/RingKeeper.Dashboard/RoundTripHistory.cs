using System.Collections.Immutable;

namespace RingKeeper.Dashboard;

/// <summary>The round trips to each shard as its checkers told them: one point a second at most. Used under the feed's lock alone.</summary>
/// <param name="time">The source of time.</param>
internal sealed class RoundTripHistory(TimeProvider time)
{
    /// <summary>How many points of a shard are kept.</summary>
    public const int Points = 60;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private ImmutableDictionary<string, ImmutableArray<double?>> _byAddr = ImmutableDictionary.Create<string, ImmutableArray<double?>>(StringComparer.Ordinal);

    // The votes that the last point was made of, by the zxid of the newest; and when that point was begun.
    private long _votes;
    private long _begun;

    /// <summary>The points of a shard in milliseconds, oldest first.</summary>
    public ImmutableArray<double?> Of(string addr) => _byAddr.GetValueOrDefault(addr, []);

    /// <summary>Hears a reading: a vote that is written anew makes a point, or replaces one that is younger than a second.</summary>
    public void Hear(Fleet fleet)
    {
        var newest = fleet.Nodes.Votes.Select(static vote => vote.Mzxid).DefaultIfEmpty().Max();
        if (newest == _votes)
        {
            return;
        }

        var replaces = _votes != 0 && time.GetElapsedTime(_begun) < Pace;
        _begun = replaces ? _begun : time.GetTimestamp();
        _votes = newest;

        // A shard that is gone takes its points along.
        _byAddr = fleet.Cluster.Shards.Select(static shard => shard.Addr).Distinct(StringComparer.Ordinal)
            .ToImmutableDictionary(static addr => addr, addr => Add(Of(addr), MedianOf(fleet, addr), replaces), StringComparer.Ordinal);
    }

    private static ImmutableArray<double?> Add(ImmutableArray<double?> points, double? point, bool replaces)
    {
        var kept = replaces && points.Length > 0 ? points[..^1] : points.Length == Points ? points[1..] : points;
        return kept.Add(point);
    }

    private static double? MedianOf(Fleet fleet, string addr)
    {
        var told = fleet.Checkers.Where(static checker => checker is { Counts: true, IsStale: false })
            .Select(checker => checker.Entries.GetValueOrDefault(addr)?.RttMicroseconds).OfType<long>().Order().ToList();
        return told.Count == 0 ? null : (told[(told.Count - 1) / 2] + told[told.Count / 2]) / 2.0 / 1000;
    }
}
