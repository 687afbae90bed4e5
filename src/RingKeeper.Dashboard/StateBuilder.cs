using System.Collections.Immutable;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Dashboard;

/// <summary>Puts a state together. The picture of a ring is kept while its topology stays. Used under the feed's lock alone.</summary>
/// <param name="id">The name by which the dashboard knows the cluster.</param>
/// <param name="time">The source of time.</param>
internal sealed class StateBuilder(string id, TimeProvider time)
{
    private (ZKClusterInfo Cluster, RingPicture? Picture, IReadOnlyList<Shard> Ring, string? Trouble)? _picture;

    /// <summary>Puts it together.</summary>
    /// <param name="news">The fleet.</param>
    /// <param name="known">What this process knows beside it; clocks are added here.</param>
    /// <param name="session">This process's session.</param>
    /// <param name="timeline">What happened.</param>
    /// <param name="trips">The round trips.</param>
    /// <param name="facts">What is known of the server at an address.</param>
    public DashboardState Build(
        FleetNews news, ProcessKnowledge known, SessionSnapshot session, Timeline timeline, RoundTripHistory trips, Func<string, KnownFacts?> facts)
    {
        var reading = known.Reading;
        var state = new DashboardState(id, time.GetUtcNow(), news, reading.View, reading.ViewAge, session, ProcessAlarms.SessionTrouble(reading)) { Events = timeline.Events };
        if (news.Fleet is not { } fleet)
        {
            return state with { Alarms = [.. ProcessAlarms.Of(known).OrderByDescending(static alarm => alarm.Level)] };
        }

        var (picture, ring, trouble) = PictureOf(fleet.Cluster);
        var served = picture?.ServedShares(i => fleet.StatusOf(ring[i])?.Alive, fleet.Cluster.Options.FailoverEnabled);
        ImmutableArray<ShardPanel> panels =
        [
            .. ring.Select((shard, i) => PanelOf(fleet, shard, picture?.Shares[i] ?? 0, served?[i] ?? 0, trips, facts(shard.Addr))),
        ];
        var off = panels.Where(panel => panel.Facts?.Clock is not null && facts(panel.Shard.Addr) is { IsClockOff: true }).Select(static panel => (panel.Shard.Name, panel.Facts!.Clock!.Value.Difference)).ToList();
        IEnumerable<FleetAlarm> alarms = [.. ProcessAlarms.Of(known with { ClocksOff = off }), .. OfRing(trouble), .. FleetAlarms.Of(fleet, news.OpenNodes)];
        return state with { Picture = picture, Shards = panels, Alarms = [.. alarms.OrderByDescending(static alarm => alarm.Level)] };
    }

    private static IEnumerable<FleetAlarm> OfRing(string? trouble) =>
        trouble is null ? [] : [new FleetAlarm("ring-unusable", FleetAlarmLevel.Critical, $"the ring cannot be built: {trouble.TrimEnd('.')}", "change the cluster back, or update this program")];

    private ShardPanel PanelOf(Fleet fleet, Shard shard, double owned, double served, RoundTripHistory trips, KnownFacts? facts) =>
        new(shard, fleet.StatusOf(shard), fleet.CountOf(shard), owned, served)
        {
            RoundTrips = trips.Of(shard.Addr),
            Facts = facts?.Facts,
            FactsAge = facts?.Facts is null ? TimeSpan.Zero : time.GetElapsedTime(facts.At),
            FactsTrouble = facts?.Trouble,
        };

    // A change of anything but the topology gives the same shards and options anew.
    private (RingPicture? Picture, IReadOnlyList<Shard> Ring, string? Trouble) PictureOf(ZKClusterInfo cluster)
    {
        if (_picture is not { } known || known.Cluster.Options != cluster.Options || !known.Cluster.Shards.SequenceEqual(cluster.Shards))
        {
            known = DrawnOf(cluster);
            _picture = known;
        }

        return (known.Picture, known.Ring, known.Trouble);
    }

    private static (ZKClusterInfo Cluster, RingPicture? Picture, IReadOnlyList<Shard> Ring, string? Trouble) DrawnOf(ZKClusterInfo cluster)
    {
        try
        {
            var ring = cluster.Options.CreateRingBuilder().Build(cluster.Shards);
            return (cluster, RingPicture.Of(ring), ring.Shards, null);
        }
        catch (RingKeeperException e)
        {
            return (cluster, null, cluster.Shards, e.Message);
        }
    }
}
