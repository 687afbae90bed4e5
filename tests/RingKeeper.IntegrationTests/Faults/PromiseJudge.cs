namespace RingKeeper.IntegrationTests.Faults;

/// <summary>
/// Judges reads by what docs/guarantees.md promises, after the fact, when every change that was published is known. Where it cannot know, it errs to the side that
/// raises no false alarm, and what that hides is counted.
/// </summary>
/// <remarks>
/// A write counts as current if it was acknowledged before the first change that its writer's view at the start lacked can have been published: then no newer view was
/// published when the shard executed it. A write during a change is left out, so it makes no read stale; it can be stale itself.
/// A reader is held to the writes acknowledged before its read began and before the first change that its view at the start of the read lacks can have been published.
/// A value is older than a write if its own write was acknowledged before the other began. A write without an acknowledgement may be applied at any later time, so its value is
/// older than nothing: <see cref="PromiseVerdict.Undecided"/>.
/// </remarks>
internal sealed class PromiseJudge(IReadOnlyList<PublishedChange> topologies, IReadOnlyList<PublishedChange> statuses, long slack)
{
    private readonly PublishedChange[] _topologies = [.. topologies.OrderBy(static change => change.Mzxid)];
    private readonly PublishedChange[] _statuses = [.. statuses.OrderBy(static change => change.Mzxid)];

    /// <summary>A time, µs, before which no change can have been published that this view lacks.</summary>
    public long UnseenSince(ViewVersions view)
    {
        var first = Math.Min(After(_topologies, view.Topology), After(_statuses, view.Status));
        return first == long.MaxValue ? first : first - slack;
    }

    public bool IsCurrent(in RegisterHistory.Written write) => write.Ended != long.MaxValue && write.Ended < UnseenSince(write.View);

    /// <summary>Judges every read of a key, in their order.</summary>
    public IEnumerable<PromiseVerdict> Judge(RegisterHistory history)
    {
        var current = history.Writes.Where(write => IsCurrent(write)).OrderBy(static write => write.Ended).ToArray();
        var ends = Array.ConvertAll(current, static write => write.Ended);
        var newest = new long[current.Length];
        for (var i = 0; i < current.Length; i++)
        {
            newest[i] = Math.Max(current[i].Begun, i == 0 ? long.MinValue : newest[i - 1]);
        }

        foreach (var read in history.Reads)
        {
            yield return Judge(history, read, ends, newest);
        }
    }

    private PromiseVerdict Judge(RegisterHistory history, in RegisterHistory.Read read, long[] ends, long[] newest)
    {
        if (read.Number < 0 || read.Number >= history.Writes.Count || history.Writes[read.Number].Begun > read.Ended)
        {
            return PromiseVerdict.Wrong;
        }

        var value = history.Writes[read.Number];
        var held = NewestBefore(Math.Min(read.Begun, UnseenSince(read.View)), ends, newest);
        if (value.Ended < held)
        {
            return PromiseVerdict.Stale;
        }

        if (value.Ended == long.MaxValue && value.Begun < held)
        {
            return PromiseVerdict.Undecided;
        }

        if (value.Ended < NewestBefore(read.Begun, ends, newest))
        {
            return PromiseVerdict.Lagging;
        }

        return held == long.MinValue ? PromiseVerdict.Unbound : PromiseVerdict.Fresh;
    }

    // When the latest of the current writes that were acknowledged before this time began.
    private static long NewestBefore(long time, long[] ends, long[] newest)
    {
        var index = Array.BinarySearch(ends, time);
        index = index < 0 ? ~index : index;
        while (index > 0 && ends[index - 1] >= time)
        {
            index--;
        }

        return index == 0 ? long.MinValue : newest[index - 1];
    }

    private static long After(PublishedChange[] changes, long mzxid)
    {
        var (low, high) = (0, changes.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = changes[middle].Mzxid > mzxid ? (low, middle) : (middle + 1, high);
        }

        return low == changes.Length ? long.MaxValue : changes[low].NotBefore;
    }
}

/// <summary>What a read that hit turned out to be.</summary>
internal enum PromiseVerdict
{
    /// <summary>No older than the newest write that it is held to.</summary>
    Fresh,

    /// <summary>There is no write that it is held to.</summary>
    Unbound,

    /// <summary>Older than a write acknowledged before it began, under a view that lacked a change published before that write.</summary>
    Lagging,

    /// <summary>It gave a write that was never acknowledged and began before the one that it is held to: that may have been applied since.</summary>
    Undecided,

    /// <summary>Older than what it is held to: a broken promise.</summary>
    Stale,

    /// <summary>What nobody wrote under this key: a broken promise.</summary>
    Wrong,
}
