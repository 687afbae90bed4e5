namespace RingKeeper;

/// <summary>
/// The Go package's answer to flapping, bounded: each death costs a shard more good answers before it is called alive again, each good
/// answer pays some back. Pure.
/// </summary>
internal sealed class PenaltyPolicy(TimeSpan threshold)
{
    // Go's cap is counted in answers though it comes from seconds. Below one the shard could never return.
    private readonly int _most = (int)Math.Clamp(threshold.Ticks / (TimeSpan.TicksPerSecond / 10), 1, int.MaxValue / 3);
    private int _penalty = 2;

    /// <summary>How many good answers a dead shard still needs to be called alive.</summary>
    public int AnswersToReturn { get; private set; } = 1;

    /// <summary>Counts a good answer.</summary>
    /// <returns>Whether the shard may be called alive on it.</returns>
    public bool OnGoodAnswer()
    {
        var mayReturn = AnswersToReturn == 1;
        AnswersToReturn = Math.Max(1, AnswersToReturn - 1);
        _penalty = Math.Max(1, _penalty - 1);
        return mayReturn;
    }

    /// <summary>Counts a death.</summary>
    public void OnDeath()
    {
        AnswersToReturn = _penalty;
        _penalty = Math.Min(3 * _penalty, _most);
    }
}
