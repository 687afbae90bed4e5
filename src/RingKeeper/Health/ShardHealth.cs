namespace RingKeeper;

/// <summary>What a checker says of a shard.</summary>
internal enum ShardVerdict
{
    /// <summary>Not known yet.</summary>
    None,
    Alive,
    Dead,

    /// <summary>The checker's own configuration is wrong, so it says nothing.</summary>
    Abstaining,
}

/// <summary>When the next probe is due.</summary>
internal enum NextProbe
{
    AfterInterval,
    AfterRefusal,
    AtOnce,
}

/// <summary>Turns the results of probes into a verdict on one shard. Pure: times are handed in, counted from one origin.</summary>
internal sealed class ShardHealth(TimeSpan threshold, TimeSpan now)
{
    /// <summary>How far apart two refusals must be to prove a death: a server that restarts may refuse once.</summary>
    public static readonly TimeSpan RefusalSpacing = TimeSpan.FromMilliseconds(50);

    private readonly PenaltyPolicy _penalty = new(threshold);

    // The last good answer; before the first one, the start: a first probe that fails takes the full threshold too.
    private TimeSpan _lastGood = now;
    private TimeSpan _firstRefusal;
    private int _refusals;
    private int _failures;
    private bool _closed;

    public ShardVerdict Verdict { get; private set; }

    /// <summary>How many good answers a dead shard still needs to be called alive.</summary>
    public int AnswersToReturn => _penalty.AnswersToReturn;

    /// <summary>When the shard becomes dead if no good answer comes; null while nothing speaks against it.</summary>
    public TimeSpan? DeathDue => _failures > 0 && CanDie ? _lastGood + threshold : null;

    private bool CanDie => Verdict is ShardVerdict.None or ShardVerdict.Alive;

    /// <summary>Counts the result of a probe.</summary>
    /// <returns>Whether the verdict changed.</returns>
    public bool OnResult(ProbeOutcome outcome, TimeSpan at)
    {
        if (outcome == ProbeOutcome.Misconfigured)
        {
            return Abstain();
        }

        var resumed = Verdict == ShardVerdict.Abstaining;
        if (resumed)
        {
            Verdict = ShardVerdict.None;
            _lastGood = at;
        }

        return (outcome is ProbeOutcome.Alive or ProbeOutcome.Busy ? OnGood(at) : OnBad(outcome, at)) || resumed;
    }

    /// <summary>Looks whether the threshold has passed, also while a probe is pending.</summary>
    /// <returns>Whether the verdict changed.</returns>
    public bool OnTime(TimeSpan at) => DeathDue <= at && Die();

    /// <summary>When the next probe is due after the last result.</summary>
    public NextProbe Next =>
        CanDie && _refusals > 0 ? NextProbe.AfterRefusal
        : CanDie && _failures == 1 && _closed ? NextProbe.AtOnce
        : NextProbe.AfterInterval;

    /// <summary>How long a probe that starts now may take: no longer than the verdict can wait for it, yet long enough to answer at all.</summary>
    public TimeSpan ProbeTimeout(TimeSpan at, TimeSpan most)
    {
        if (!CanDie)
        {
            return most;
        }

        var left = _lastGood + threshold - at;
        var least = threshold / 10;
        var time = left > least ? left : least;
        return time < most ? time : most;
    }

    private bool Abstain()
    {
        _failures = _refusals = 0;
        var changed = Verdict != ShardVerdict.Abstaining;
        Verdict = ShardVerdict.Abstaining;
        return changed;
    }

    private bool OnGood(TimeSpan at)
    {
        _lastGood = at;
        _failures = _refusals = 0;
        if (!_penalty.OnGoodAnswer() || Verdict == ShardVerdict.Alive)
        {
            return false;
        }

        Verdict = ShardVerdict.Alive;
        return true;
    }

    private bool OnBad(ProbeOutcome outcome, TimeSpan at)
    {
        _failures++;
        _closed = outcome == ProbeOutcome.Closed;
        if (outcome != ProbeOutcome.Refused)
        {
            _refusals = 0;
        }
        else if (_refusals++ == 0)
        {
            _firstRefusal = at;
        }
        else if (CanDie && at - _firstRefusal >= RefusalSpacing)
        {
            return Die();
        }

        return OnTime(at);
    }

    private bool Die()
    {
        _penalty.OnDeath();
        Verdict = ShardVerdict.Dead;
        return true;
    }
}
