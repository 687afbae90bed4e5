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

    public bool Remove(ulong epoch)
    {
        var was = Readable(epoch);
        Held = null;
        return was;
    }

    private bool Readable(ulong epoch) => Held is { Kind: CopyKind.Value } held && held.Epoch >= epoch;
}
