namespace RingKeeper;

/// <summary>Turns the results of probes into a verdict on one shard. Pure: times are handed in, counted from one origin, and so is what this process missed.</summary>
internal sealed class ShardHealth
{
    /// <summary>How far apart two refusals must be to prove a death: a server that restarts may refuse once.</summary>
    public static readonly TimeSpan RefusalSpacing = TimeSpan.FromMilliseconds(50);

    private readonly TimeSpan _threshold;
    private readonly FlapDamping _flaps;
    private readonly RttHistory _rtts = new();

    // The verdict apart from any distrust of this process.
    private ShardVerdict _standing;
    private Attention _self;
    private bool _distrusts;

    // Where the shard's silence began: the last good answer; before the first one the start, since a first probe that fails takes the full
    // threshold too; moved on by whatever time this process did not attend to.
    private TimeSpan _quietFrom;
    private TimeSpan _firstProof;
    private int _proofs;
    private ProbeOutcome _last;

    /// <param name="threshold">After how much silence the shard is dead.</param>
    /// <param name="now">The time now.</param>
    /// <param name="flapPolicy">What a return takes.</param>
    /// <param name="self">What this process has missed before now.</param>
    public ShardHealth(TimeSpan threshold, TimeSpan now, FlapPolicy flapPolicy = FlapPolicy.Go, Attention self = default)
    {
        _threshold = threshold;
        _quietFrom = now;
        _self = self;
        _flaps = new FlapDamping(threshold, flapPolicy);
    }

    public ShardVerdict Verdict => _distrusts ? ShardVerdict.Abstaining : _standing;

    /// <summary>What the verdict was before this process began to distrust itself; it comes back if nothing speaks against it.</summary>
    public ShardVerdict Standing => _standing;

    /// <summary>Whether it abstains since what it saw is from before a pause of this process.</summary>
    public bool IsDistrusting => _distrusts;

    /// <summary>When such an abstention ends at the latest.</summary>
    public TimeSpan? DistrustsUntil => _distrusts ? _quietFrom + _threshold : null;

    /// <summary>Whether the last result proved nothing, since its probe began before the end of a pause.</summary>
    public bool IsInconclusive { get; private set; }

    /// <summary>How many bad results came in a row, without those from before a pause.</summary>
    public int Failures { get; private set; }

    /// <summary>The last good answer; null before the first.</summary>
    public TimeSpan? LastGood { get; private set; }

    /// <summary>How many good answers a dead shard still needs to be called alive.</summary>
    public int AnswersToReturn => _flaps.Hold(default).Answers;

    public TimeSpan? Rtt => _rtts.Mean;

    public TimeSpan? RttDeviation => _rtts.Deviation;

    /// <summary>What a return takes; may change while running, and acts on the whole past.</summary>
    public FlapPolicy FlapPolicy
    {
        get => _flaps.Policy;
        set => _flaps.Policy = value;
    }

    /// <summary>When the shard becomes dead if no good answer comes; null while nothing speaks against it.</summary>
    public TimeSpan? DeathDue => Failures > 0 && CanDie ? _quietFrom + _threshold : null;

    /// <summary>When <see cref="OnTime"/> has something to say; null while it has not.</summary>
    public TimeSpan? Due => Failures > 0 && IsOpen ? _quietFrom + _threshold : null;

    /// <summary>When the next probe is due after the last result.</summary>
    public NextProbe Next =>
        IsInconclusive ? NextProbe.AtOnce
        : IsOpen && _proofs > 0 ? NextProbe.AfterRefusal
        : IsOpen && Failures == 1 && _last is ProbeOutcome.Closed or ProbeOutcome.TimedOut ? NextProbe.AtOnce
        : _standing == ShardVerdict.Dead && _proofs > 0 ? NextProbe.WhileDead
        : NextProbe.AfterInterval;

    private bool CanDie => _standing is ShardVerdict.None or ShardVerdict.Alive;

    // Whether bad results may still change what is said.
    private bool IsOpen => CanDie || _distrusts;

    /// <summary>What keeps a dead shard from returning on its next good answer.</summary>
    public FlapHold Hold(TimeSpan at) => _flaps.Hold(at);

    /// <summary>The decaying penalty of its flaps.</summary>
    public double Penalty(TimeSpan at) => _flaps.Penalty(at);

    /// <summary>Counts the result of a probe.</summary>
    /// <param name="outcome">What was found.</param>
    /// <param name="at">The time now.</param>
    /// <param name="started">When the probe started (default: now); one from before a pause of this process proves nothing.</param>
    /// <param name="rtt">How long the shard took to answer, if it did.</param>
    /// <param name="self">What this process has missed up to now.</param>
    /// <returns>Whether the verdict changed.</returns>
    public bool OnResult(ProbeOutcome outcome, TimeSpan at, TimeSpan? started = null, TimeSpan? rtt = null, Attention self = default)
    {
        var before = Verdict;
        Notice(self, at);
        IsInconclusive = started < _self.PausedUntil;
        if (!IsInconclusive)
        {
            Count(outcome, at, rtt);
        }

        return Verdict != before;
    }

    /// <summary>Looks whether the threshold has passed, also while a probe is pending.</summary>
    /// <param name="at">The time now.</param>
    /// <param name="self">What this process has missed up to now.</param>
    /// <returns>Whether the verdict changed.</returns>
    public bool OnTime(TimeSpan at, Attention self = default)
    {
        var before = Verdict;
        Notice(self, at);
        EndSilence(at);
        return Verdict != before;
    }

    /// <summary>How long a probe that starts now may take: no longer than the verdict can wait for it, yet long enough to answer at all.</summary>
    /// <param name="at">The time now.</param>
    /// <param name="most">The longest time allowed.</param>
    /// <param name="adapts">Whether the shard's own round trips shorten it.</param>
    public TimeSpan ProbeTimeout(TimeSpan at, TimeSpan most, bool adapts = true)
    {
        if (!IsOpen)
        {
            return most;
        }

        // The history is of an open connection; after a failure there may be one to open first.
        var usual = adapts && Failures == 0 ? _rtts.Timeout(most) : most;
        var left = _quietFrom + _threshold - at;
        var least = _threshold / 10;
        var time = left > least ? left : least;
        return time < usual ? time : usual;
    }

    // Silence that nobody listened to is none.
    private void Notice(Attention self, TimeSpan at)
    {
        if (self.PausedUntil > _self.PausedUntil)
        {
            _quietFrom = self.PausedUntil > _quietFrom ? self.PausedUntil : _quietFrom;
            Failures = _proofs = 0;
            _distrusts = _standing != ShardVerdict.Abstaining;
        }
        else if (self.Lost > _self.Lost)
        {
            var moved = _quietFrom + (self.Lost - _self.Lost);
            _quietFrom = moved < at ? moved : at;
        }

        _self = self.Lost < _self.Lost ? _self : self;
    }

    private void Count(ProbeOutcome outcome, TimeSpan at, TimeSpan? rtt)
    {
        _last = outcome;
        if (outcome == ProbeOutcome.Misconfigured)
        {
            Failures = _proofs = 0;
            _standing = ShardVerdict.Abstaining;
            _distrusts = false;
            return;
        }

        if (_standing == ShardVerdict.Abstaining)
        {
            _standing = ShardVerdict.None;
            _quietFrom = at;
        }

        if (outcome is ProbeOutcome.Alive or ProbeOutcome.Busy)
        {
            OnGood(at, rtt);
        }
        else
        {
            OnBad(outcome, at);
        }
    }

    private void OnGood(TimeSpan at, TimeSpan? rtt)
    {
        LastGood = _quietFrom = at;
        Failures = _proofs = 0;
        _distrusts = false;
        if (rtt is { } trip)
        {
            _rtts.Add(trip);
        }

        if (_flaps.OnGoodAnswer(at))
        {
            _standing = ShardVerdict.Alive;
        }
    }

    private void OnBad(ProbeOutcome outcome, TimeSpan at)
    {
        Failures++;
        if (outcome is not (ProbeOutcome.Refused or ProbeOutcome.Unready))
        {
            _proofs = 0;
        }
        else if (_proofs++ == 0)
        {
            _firstProof = at;
        }
        else if (at - _firstProof >= RefusalSpacing)
        {
            Conclude(at);
        }

        EndSilence(at);
    }

    private void EndSilence(TimeSpan at)
    {
        if (Due <= at)
        {
            Conclude(at);
        }
    }

    private void Conclude(TimeSpan at)
    {
        _distrusts = false;
        if (CanDie)
        {
            _flaps.OnDeath(at);
            _standing = ShardVerdict.Dead;
        }
    }
}
