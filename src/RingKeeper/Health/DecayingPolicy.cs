namespace RingKeeper;

/// <summary>
/// Flap damping as routers do it (RFC 2439): a penalty that each death raises and time halves. Pure: times are handed in, counted from one origin.
/// </summary>
internal sealed class DecayingPolicy
{
    public const double PerDeath = 1000;
    public const double SuppressAbove = 2500;
    public const double ReuseBelow = 800;
    public static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(20);

    // From here the penalty falls to reuse within the longest hold.
    private static readonly double Ceiling = ReuseBelow * Math.Pow(2, LongestHold / HalfLife);

    private double _penalty;
    private TimeSpan _asOf;
    private TimeSpan? _until;

    /// <summary>What the penalty has fallen to.</summary>
    public double Penalty(TimeSpan at) => at <= _asOf ? _penalty : _penalty * Math.Pow(2, -((at - _asOf) / HalfLife));

    /// <summary>When the shard may return; null if it may now.</summary>
    public TimeSpan? HeldUntil(TimeSpan at) => _until > at ? _until : null;

    /// <summary>Counts a death.</summary>
    public void OnDeath(TimeSpan at)
    {
        _penalty = Math.Min(Penalty(at) + PerDeath, Ceiling);
        _asOf = at > _asOf ? at : _asOf;
        if (_penalty > SuppressAbove)
        {
            _until = _asOf + (HalfLife * Math.Log2(_penalty / ReuseBelow));
        }
    }
}
