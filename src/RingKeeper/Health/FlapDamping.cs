namespace RingKeeper;

/// <summary>What holds a dead shard back.</summary>
/// <param name="Answers">How many good answers it still needs, at least one.</param>
/// <param name="Until">Until when no answer helps; null: any does.</param>
internal readonly record struct FlapHold(int Answers, TimeSpan? Until)
{
    /// <summary>Whether the next good answer is not enough.</summary>
    public bool Holds => Answers > 1 || Until is not null;
}

/// <summary>
/// Asks the policy in force whether a dead shard may return. Both policies see every death and answer, so that a change of policy acts on the whole past.
/// Pure.
/// </summary>
internal sealed class FlapDamping(TimeSpan threshold, FlapPolicy policy)
{
    private readonly PenaltyPolicy _penalty = new(threshold);
    private readonly DecayingPolicy _decaying = new();

    public FlapPolicy Policy { get; set; } = policy;

    public FlapHold Hold(TimeSpan at) => Policy switch
    {
        FlapPolicy.Go => new FlapHold(_penalty.AnswersToReturn, null),
        FlapPolicy.Decaying => new FlapHold(1, _decaying.HeldUntil(at)),
        _ => new FlapHold(1, null),
    };

    /// <summary>What the decaying penalty is now.</summary>
    public double Penalty(TimeSpan at) => _decaying.Penalty(at);

    /// <summary>Counts a good answer.</summary>
    /// <returns>Whether the shard may be called alive on it.</returns>
    public bool OnGoodAnswer(TimeSpan at)
    {
        var paid = _penalty.OnGoodAnswer();
        return Policy switch
        {
            FlapPolicy.Go => paid,
            FlapPolicy.Decaying => _decaying.HeldUntil(at) is null,
            _ => true,
        };
    }

    public void OnDeath(TimeSpan at)
    {
        _penalty.OnDeath();
        _decaying.OnDeath(at);
    }
}
