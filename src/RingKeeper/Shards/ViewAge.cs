namespace RingKeeper;

/// <summary>When a client took its views into use: a chain, newest first, that tells how long it has known of a change. Immutable.</summary>
/// <param name="newestStamp">The newest stamp of the view, µs.</param>
/// <param name="appliedAt">When it was taken into use, a timestamp of the client's clock.</param>
/// <param name="time">The client's clock.</param>
/// <param name="earlier">The one before; null for the client's first, whose changes may be of any age.</param>
internal sealed class ViewAge(long newestStamp, long appliedAt, TimeProvider time, ViewAge? earlier)
{
    private const int MaxLength = 256;

    private ViewAge? _earlier = earlier;

    /// <summary>How long the client has used views that tell of a change, and whether it saw the change come; what its first view told of may be older.</summary>
    /// <param name="stamp">The stamp of the change.</param>
    public (TimeSpan Elapsed, bool SawItCome) ElapsedSince(long stamp)
    {
        var age = this;
        while (age._earlier is { } before && before.NewestStamp >= stamp)
        {
            age = before;
        }

        return (time.GetElapsedTime(age.AppliedAt), age._earlier is not null);
    }

    /// <summary>Adds a view.</summary>
    public static ViewAge After(ViewAge? last, ClusterView view, TimeProvider time)
    {
        var newest = view.Statuses.Values.Aggregate(view.TopologyStamp, static (newest, status) => Math.Max(newest, status.Since));
        if (last is not null && newest <= last.NewestStamp)
        {
            return last;
        }

        var next = new ViewAge(newest, time.GetTimestamp(), time, last);
        next.Trim();
        return next;
    }

    private long NewestStamp { get; } = newestStamp;

    private long AppliedAt { get; } = appliedAt;

    // The oldest that stays passes for the first: what it told of may be older than it.
    private void Trim()
    {
        var (age, length) = (this, 1);
        while (age._earlier is { } before && length < MaxLength)
        {
            (age, length) = (before, length + 1);
        }

        age._earlier = null;
    }
}
