namespace RingKeeper.Simulator;

/// <summary>The times that a simulated fleet runs with.</summary>
internal sealed record SimulatedTiming(TimeSpan Interval, TimeSpan Threshold, TimeSpan SessionTimeout, TimeSpan VoteRefresh, TimeSpan BrakeHold, TimeSpan LeaderGrace, TimeSpan RecountInterval)
{
    /// <summary>The defaults of the product.</summary>
    public static readonly SimulatedTiming Standard = Of(1, 2, 10, 10, 30, 0.5, 5);

    /// <summary>The same on a smaller scale: more happens in a run.</summary>
    public static readonly SimulatedTiming Short = Of(0.5, 1, 4, 4, 10, 0.3, 2);

    private static SimulatedTiming Of(double interval, double threshold, double session, double refresh, double hold, double grace, double recount) => new(
        TimeSpan.FromSeconds(interval), TimeSpan.FromSeconds(threshold), TimeSpan.FromSeconds(session), TimeSpan.FromSeconds(refresh), TimeSpan.FromSeconds(hold), TimeSpan.FromSeconds(grace), TimeSpan.FromSeconds(recount));

    /// <summary>A vote older than this does not count.</summary>
    public TimeSpan Freshness => 3 * VoteRefresh;
}
