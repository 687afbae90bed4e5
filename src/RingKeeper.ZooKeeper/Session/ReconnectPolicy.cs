namespace RingKeeper.ZooKeeper.Session;

/// <summary>Says how long to pause before an attempt. Has no clock and draws no number itself.</summary>
internal sealed class ReconnectPolicy(TimeSpan maxPause)
{
    // Even with a maximum of zero, attempts must not become a tight loop.
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(5);

    // Less would not suffice for a healthy server at some distance.
    private static readonly TimeSpan MinShare = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan FirstProbePause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestProbePause = TimeSpan.FromSeconds(60);

    /// <summary>The pause before the attempt with this number since the loss, from 0; <paramref name="draw"/> is in [0, 1).</summary>
    public TimeSpan PauseBefore(int attempt, double draw)
    {
        if (attempt == 0)
        {
            return TimeSpan.Zero;
        }

        var pause = maxPause * draw;
        return pause > MinPause ? pause : MinPause;
    }

    /// <summary>The pause before a round of looking for a server that writes, from 0: doubled from 100 ms to 60 s, between half and all of it by <paramref name="draw"/> in [0, 1).</summary>
    public static TimeSpan PauseBeforeProbe(int round, double draw)
    {
        var whole = round < 10 ? FirstProbePause * (1 << round) : LongestProbePause;
        return (whole < LongestProbePause ? whole : LongestProbePause) * ((1 + draw) / 2);
    }

    /// <summary>The number of the first attempt after a connection that lived this long: one that broke at once earns no free attempt.</summary>
    public int FirstAttemptAfter(TimeSpan lived) => lived > maxPause && lived > MinPause ? 0 : 1;

    /// <summary>How long one attempt may take when this much time is left for it and the candidates behind it, so that hanging ones leave time for a healthy one.</summary>
    public static TimeSpan ShareOf(TimeSpan left, int candidates)
    {
        var share = left / candidates;
        return share > MinShare ? share : MinShare;
    }
}
