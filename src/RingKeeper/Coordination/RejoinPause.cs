using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>
/// How long a checker whose node was taken from it waits before it stands in line again: two that see things differently would otherwise unseat
/// each other without an end. Used by the checker's loop alone.
/// </summary>
internal sealed class RejoinPause(string name, TimeProvider time, Random random, ILogger logger)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    private (long Since, TimeSpan Length)? _pause;
    private bool _isTold;

    /// <summary>What is left of it; zero where none is under way.</summary>
    public TimeSpan Left => _pause is { } pause && pause.Length - time.GetElapsedTime(pause.Since) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Begins one, unless one is under way.</summary>
    public void Begin()
    {
        if (Left == TimeSpan.Zero)
        {
            (_pause, _isTold) = ((time.GetTimestamp(), Least + ((Most - Least) * random.NextDouble())), false);
        }
    }

    /// <summary>Ends it: the node belonged to a session or a cluster that is gone, so nobody took it.</summary>
    public void End() => _pause = null;

    /// <summary>Tells whether to wait, and says so once.</summary>
    public bool IsUnderWay()
    {
        var left = Left;
        if (left > TimeSpan.Zero && !_isTold)
        {
            _isTold = true;
            Log.NodeTaken(logger, name, left.TotalSeconds);
        }

        return left > TimeSpan.Zero;
    }
}
