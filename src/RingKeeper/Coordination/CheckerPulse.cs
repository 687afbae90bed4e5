namespace RingKeeper;

/// <summary>What a checker's loop leaves behind for whoever asks how it is doing. Written by the loop alone, read at any time.</summary>
internal sealed class CheckerPulse(TimeProvider time, TimeSpan recountInterval, string checkerId)
{
    private static readonly TimeSpan LeastStepLimit = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _stepLimit = 3 * recountInterval is var limit && limit > LeastStepLimit ? limit : LeastStepLimit;
    private volatile VoteDraft? _voted;
    private long _steppedAt = time.GetTimestamp();

    public void NoteStep() => Interlocked.Exchange(ref _steppedAt, time.GetTimestamp());

    /// <summary>Notes the vote that stands in ZooKeeper; null when it is not known to stand any more.</summary>
    public void NoteVote(VoteDraft? vote) => _voted = vote;

    public ZKCheckerHealth Describe(string? node)
    {
        var voted = _voted;
        return new ZKCheckerHealth
        {
            IsRunning = true,
            Node = voted is null ? null : node,
            SinceStep = time.GetElapsedTime(Interlocked.Read(ref _steppedAt)),
            StepLimit = _stepLimit,
            ShardCount = voted?.Shards,
            CheckerId = checkerId,
            VerdictCount = voted?.Entries.Count ?? 0,
            AbstentionCount = voted?.Abstentions.Count ?? 0,
            AbstentionReasons = voted is null ? [] : [.. voted.Abstentions.Select(static a => $"{a.Key}: {a.Value}")],
        };
    }
}
