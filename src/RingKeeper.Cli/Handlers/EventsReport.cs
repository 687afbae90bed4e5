namespace RingKeeper.Cli.Handlers;

/// <summary>Turns readings of a fleet into events, each told once. Used by one caller at a time.</summary>
/// <param name="limit">How many of those on record at the start to tell, the newest; null for all.</param>
/// <param name="time">The source of time, for what bears none of its own.</param>
internal sealed class EventsReport(int? limit, TimeProvider time)
{
    private Fleet? _told;
    private bool _isGone;
    private string? _trouble;

    /// <summary>The events that a reading brings: at first those on record, oldest first, then what is new.</summary>
    public IReadOnlyList<FleetEvent> Tell(FleetNews news)
    {
        var now = Stamps.Now(time);
        if (news.IsGone && !_isGone)
        {
            _isGone = true;
            return [new FleetEvent(now, FleetEventKind.Topology, null, "topology: the cluster was deleted", [])];
        }

        if (news.Trouble is not null || news.Fleet is not { } fleet)
        {
            return [];
        }

        var (before, _) = (_told, _isGone = false);
        _told = fleet;
        if (before is not null)
        {
            return FleetEvents.Between(before, fleet, now);
        }

        var record = FleetEvents.OnRecord(fleet);
        return [.. record.Take(limit ?? record.Count).OrderBy(static e => e.At)];
    }

    /// <summary>What is to be said of why the cluster cannot be read, each once until it can; null for nothing.</summary>
    public string? TakeTrouble(FleetNews news)
    {
        // A cluster that is gone is an event.
        var trouble = news.IsGone && _isGone && news.Fleet is not null ? null : news.Trouble;
        var said = _trouble is not null && trouble is null && !news.IsGone ? "the cluster can be read again" : trouble == _trouble ? null : trouble;
        _trouble = trouble;
        return said;
    }

    /// <summary>An event as lines: when and what, then what it rests on.</summary>
    public static IEnumerable<string> LinesOf(FleetEvent happened)
    {
        yield return $"{Times.OfStamp(happened.At)}  {happened.Text}";

        // The single changes of a topology stand in its text.
        foreach (var line in happened.Kind == FleetEventKind.Topology ? [] : happened.Evidence)
        {
            yield return $"    {line}";
        }
    }
}
