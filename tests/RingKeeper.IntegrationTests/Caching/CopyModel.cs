namespace RingKeeper.IntegrationTests.Caching;

/// <summary>What a shard should hold for one key, told in a few lines; no code of the product in it.</summary>
internal sealed class CopyModel
{
    public sealed record Entry(CopyKind Kind, ulong Epoch, ulong Version, string Value);

    public Entry? Held { get; set; }

    public string? Read(ulong epoch) => Readable(epoch) ? Held!.Value : null;

    public WriteOutcome Set(ulong epoch, ulong now, string value)
    {
        if (Held is { } held && held.Epoch > epoch)
        {
            return WriteOutcome.StaleView;
        }

        Held = new Entry(CopyKind.Value, epoch, Held is { } old && old.Version >= now ? old.Version + 1 : now, value);
        return WriteOutcome.Done;
    }

    public WriteOutcome CheckAndSet(ulong epoch, ulong now, string value, Entry? expected)
    {
        var asExpected = expected is null ? !Readable(epoch) : Readable(epoch) && ReferenceEquals(Held, expected);
        return asExpected ? Set(epoch, now, value) : WriteOutcome.Changed;
    }

    /// <summary>Gives what the script gives: -1 where a mark of a later epoch stays.</summary>
    public int Remove(ulong epoch)
    {
        if (Held is { Kind: not CopyKind.Value } mark && mark.Epoch > epoch)
        {
            return -1;
        }

        var was = Readable(epoch);
        Held = null;
        return was ? 1 : 0;
    }

    private bool Readable(ulong epoch) => Held is { Kind: CopyKind.Value } held && held.Epoch >= epoch;
}
