using System.Collections.Immutable;

namespace RingKeeper.Dashboard;

/// <summary>The last events of a cluster, newest first. Immutable, pure.</summary>
/// <param name="Events">The events.</param>
internal sealed record Timeline(ImmutableArray<FleetEvent> Events)
{
    /// <summary>How many are kept.</summary>
    public const int Capacity = 200;

    /// <summary>Nothing happened yet.</summary>
    public static Timeline Empty { get; } = new(ImmutableArray<FleetEvent>.Empty);

    /// <summary>Begins with what stands on record.</summary>
    public static Timeline Of(Fleet fleet) => new([.. FleetEvents.OnRecord(fleet).Take(Capacity)]);

    /// <summary>Adds what happened since the reading before; what bears a time of its own may be older than what is known already.</summary>
    /// <param name="before">The reading before.</param>
    /// <param name="after">The new one.</param>
    /// <param name="now">The present, µs since the Unix epoch.</param>
    public Timeline Then(Fleet before, Fleet after, long now)
    {
        var told = FleetEvents.Between(before, after, now);

        // Of one time, what is told later happened later.
        return told.Count == 0 ? this : new Timeline([.. told.Reverse().Concat(Events).OrderByDescending(static happened => happened.At).Take(Capacity)]);
    }
}
