using System.Globalization;
using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>What one probe loop remembers beside the verdict, to describe its shard and to log each turn in one line.</summary>
internal sealed class ShardNotes(string addr, ShardHealth health, TimeSpan interval, SelfWatch self)
{
    private ProbeResult _last;
    private string? _pause;
    private string? _runId;
    private string? _role;
    private long? _failingSince;
    private DateTimeOffset? _answersUntil;

    // What was logged last.
    private (ShardVerdict Verdict, ShardVerdict Standing, string? RunId, string? Role, bool IsBusy) _told;
    private bool _toldNoRunId;
    private bool _toldRefusal;

    /// <summary>Takes a result, if one came, after the health has counted it.</summary>
    public void Take(ProbeResult? result, Attention attention)
    {
        _pause = attention.Reason ?? _pause;
        if (result is not { } found || health.IsInconclusive)
        {
            return;
        }

        _last = found;
        _runId = found.RunId ?? _runId;
        _role = found.Role ?? _role;
        _failingSince = found.IsGood ? null : _failingSince ?? self.Microseconds;
    }

    public ShardObservation Describe()
    {
        var error = Error;
        return new ShardObservation(addr)
        {
            Alive = health.Verdict switch
            {
                ShardVerdict.Alive => true,
                ShardVerdict.Dead => false,
                _ => null,
            },
            IsAbstaining = health.Verdict == ShardVerdict.Abstaining,
            Reason = health.Verdict != ShardVerdict.Abstaining ? null : health.IsDistrusting ? _pause : _last.Detail ?? "the shard refuses this checker",
            AbstainsUntil = health.DistrustsUntil is { } until ? self.WallTime(until) : null,
            RunId = _runId,
            Role = _role,
            Rtt = health.Rtt,
            RttDeviation = health.RttDeviation,
            Error = error,
            Detail = error is null ? null : _last.Detail,
            FailingSince = error is null ? null : _failingSince,
            Suppressed = Suppression(),
        };
    }

    /// <summary>Logs what is new.</summary>
    public void Tell(ILogger logger)
    {
        TellVerdict(logger);
        if (_told.RunId is not null && _told.RunId != _runId)
        {
            HealthLog.Restarted(logger, addr, _told.RunId, _runId);
        }

        if (_told.Role is not null && _told.Role != _role)
        {
            HealthLog.RoleChanged(logger, addr, _told.Role, _role);
        }

        if (_last is { IsGood: true, RunId: null, Detail: { } detail, Outcome: not ProbeOutcome.Busy } && !_toldNoRunId)
        {
            _toldNoRunId = true;
            HealthLog.NoRunId(logger, addr, detail);
        }

        var busy = _last.Outcome == ProbeOutcome.Busy;
        if (busy && !_told.IsBusy)
        {
            HealthLog.Busy(logger, addr);
        }

        _told = (health.Verdict, health.Standing, _runId, _role, busy);
    }

    // A single bad result is no news: the next one, at once on a new connection, tells whether it means anything.
    private ProbeOutcome? Error =>
        _last.Outcome == ProbeOutcome.Alive || (!_last.IsGood && health.Failures < 2 && health.Verdict is ShardVerdict.Alive or ShardVerdict.None && _last.Outcome != ProbeOutcome.Misconfigured)
            ? null
            : _last.Outcome;

    private void TellVerdict(ILogger logger)
    {
        var verdict = health.Verdict;
        if (verdict == _told.Verdict)
        {
            return;
        }

        switch (verdict)
        {
            case ShardVerdict.Abstaining when health.IsDistrusting:
                HealthLog.Distrusts(logger, addr, _pause);
                return;
            case ShardVerdict.Abstaining:
                HealthLog.Misconfigured(logger, addr, _last.Detail?.TrimEnd('.'));
                _toldRefusal = true;
                return;
            case var same when _told.Verdict == ShardVerdict.Abstaining && same == _told.Standing:
                HealthLog.Trusts(logger, addr, verdict);
                return;
        }

        // Only whom it refused before it takes again; a pause of this process ends with the verdict alone.
        if (_toldRefusal)
        {
            HealthLog.Resumed(logger, addr);
            _toldRefusal = false;
        }

        switch (verdict)
        {
            case ShardVerdict.Alive:
                HealthLog.Alive(logger, addr);
                break;
            case ShardVerdict.Dead:
                HealthLog.Dead(logger, addr, _last.Detail ?? "bad answers", _last.Outcome, Silence(), WayBack());
                break;
        }
    }

    private string Silence() => health.LastGood is { } good
        ? string.Create(CultureInfo.InvariantCulture, $"{(self.Now - good).TotalSeconds:0.00} s after its last good answer")
        : "it has given no good answer yet";

    private string WayBack()
    {
        var hold = health.Hold(self.Now);
        return hold.Until is { } until ? $"It may return at {Clock(until)}, since it flaps (penalty {Penalty()})"
            : hold.Answers > 1 ? string.Create(CultureInfo.InvariantCulture, $"It returns after {hold.Answers} good answers")
            : "It returns on its first good answer";
    }

    private FlapSuppression? Suppression()
    {
        var now = self.Now;
        var hold = health.Hold(now);

        // One that refused this checker and takes it again has no verdict until it has paid, and is held back as the dead are.
        var isDown = health.Standing == ShardVerdict.Dead || (health.Standing == ShardVerdict.None && health.LastGood is not null);
        if (!isDown || !(hold.Until is not null || _last.IsGood))
        {
            _answersUntil = null;
            return null;
        }

        if (hold.Until is { } until)
        {
            return new FlapSuppression($"it died too often: penalty above {DecayingPolicy.SuppressAbove:0}, returns below {DecayingPolicy.ReuseBelow:0}", self.WallTime(until));
        }

        // An estimate that hardly moves stays as it is: it is told to others at each change.
        var estimate = self.WallTime(now + (hold.Answers * interval));
        _answersUntil = _answersUntil is { } known && (known - estimate).Duration() <= interval ? known : estimate;
        return new FlapSuppression("it died lately and owes good answers", _answersUntil);
    }

    private string Penalty() => health.Penalty(self.Now).ToString("0", CultureInfo.InvariantCulture);

    private string Clock(TimeSpan at) => self.WallTime(at).ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
