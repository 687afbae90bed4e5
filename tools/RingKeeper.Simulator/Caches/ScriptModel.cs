using System.Buffers.Binary;

namespace RingKeeper.Simulator.Caches;

/// <summary>
/// What the scripts of <see cref="OwnScripts"/> and <see cref="WarmScripts"/> do to one key, in C#: simulated shards run this. That it does the same is held by a test that runs both on the
/// same random sequences.
/// </summary>
internal static class ScriptModel
{
    private const int KindAt = 4;
    private const int EpochAt = 8;
    private const int VersionAt = 16;
    private const int NameLength = 20;

    /// <summary>Runs a script.</summary>
    /// <param name="script">One of the scripts of the product.</param>
    /// <param name="stored">What is there: a string's bytes; null for nothing, or for a value in the format of the Go package.</param>
    /// <param name="copy">ARGV[1].</param>
    /// <param name="token">ARGV[3]; empty for none.</param>
    /// <param name="least">ARGV[4].</param>
    /// <param name="flaws">What to leave out.</param>
    public static ScriptReply Run(string script, byte[]? stored, ReadOnlySpan<byte> copy, ReadOnlySpan<byte> token, ReadOnlySpan<byte> least, ScriptFlaws flaws = ScriptFlaws.None)
    {
        if (script == WarmScripts.Fill)
        {
            return Fill(stored, copy, token, flaws);
        }

        if (IsForeign(stored))
        {
            return new ScriptReply(OwnScripts.Foreign, null, null);
        }

        if (script == WarmScripts.Intend)
        {
            return Intend(stored, copy, token, flaws);
        }

        var old = (stored ?? []).AsSpan(0, stored is null ? 0 : CopyHeader.ShortLength);
        var passes = script == OwnScripts.Set || (script == OwnScripts.CheckAndSet ? Matches(old, token, least, flaws) : throw new NotSupportedException("The product runs a script that the simulation has no model of."));
        if (!passes)
        {
            return new ScriptReply(OwnScripts.Changed, null, null);
        }

        if (old.Length == 0)
        {
            return new ScriptReply(1, null, copy.ToArray());
        }

        if (Number(old, EpochAt) > Number(copy, EpochAt) && !flaws.HasFlag(ScriptFlaws.StaleWriterPasses))
        {
            return new ScriptReply(OwnScripts.StaleView, null, null);
        }

        if (Number(copy, VersionAt) > Number(old, VersionAt))
        {
            return new ScriptReply(1, null, copy.ToArray());
        }

        var raised = copy.ToArray();
        BinaryPrimitives.WriteUInt64BigEndian(raised.AsSpan(VersionAt), unchecked(Number(old, VersionAt) + 1));
        return new ScriptReply(1, raised[VersionAt..(VersionAt + 8)], raised);
    }

    /// <summary>Runs the script that removes: what it gives; whatever was no value of another program is gone then.</summary>
    /// <param name="stored">What is there.</param>
    /// <param name="least">ARGV[1].</param>
    /// <param name="epoch">ARGV[2].</param>
    public static long Remove(byte[]? stored, ReadOnlySpan<byte> least, ReadOnlySpan<byte> epoch)
    {
        if (IsForeign(stored))
        {
            return OwnScripts.Foreign;
        }

        if (stored is not null && stored[KindAt] != 0 && Number(stored, EpochAt) > Number(epoch, 0))
        {
            return OwnScripts.StaleView;
        }

        return stored is not null && stored[KindAt] == 0 && Number(least, 0) <= Number(stored, EpochAt) ? 1 : 0;
    }

    private static ScriptReply Intend(byte[]? stored, ReadOnlySpan<byte> intent, ReadOnlySpan<byte> least, ScriptFlaws flaws)
    {
        if (flaws.HasFlag(ScriptFlaws.IntentsAreForgotten))
        {
            return new ScriptReply(1, null, null);
        }

        if (stored is not null && Number(stored, EpochAt) > Number(intent, EpochAt))
        {
            return new ScriptReply(OwnScripts.StaleView, null, null);
        }

        return stored is not null && Number(stored, EpochAt) >= Number(least, 0) ? new ScriptReply(OwnScripts.Changed, null, null) : new ScriptReply(1, null, intent.ToArray());
    }

    private static ScriptReply Fill(byte[]? stored, ReadOnlySpan<byte> copy, ReadOnlySpan<byte> intent, ScriptFlaws flaws)
    {
        var isThere = flaws.HasFlag(ScriptFlaws.IntentsAreForgotten) ? stored is null : stored is { Length: >= CopyHeader.ShortLength } && stored.AsSpan(0, CopyHeader.ShortLength).SequenceEqual(intent);
        return isThere ? new ScriptReply(1, null, copy.ToArray()) : new ScriptReply(OwnScripts.Changed, null, null);
    }

    private static bool IsForeign(byte[]? stored) => stored is not null && (stored.Length < CopyHeader.ShortLength || !stored.AsSpan().StartsWith(CopyHeader.Magic));

    private static bool Matches(ReadOnlySpan<byte> old, ReadOnlySpan<byte> token, ReadOnlySpan<byte> least, ScriptFlaws flaws)
    {
        if (token.Length > 0)
        {
            return old.Length == 0 ? flaws.HasFlag(ScriptFlaws.MissingCopyPasses) : old[KindAt] == 0 && old.Slice(EpochAt, NameLength).SequenceEqual(token);
        }

        return old.Length == 0 || old[KindAt] != 0 || Number(least, 0) > Number(old, EpochAt);
    }

    private static ulong Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]);
}

/// <summary>What a script came to.</summary>
/// <param name="Code">What it gives, where that is a number: 1 for done.</param>
/// <param name="Version">What it gives instead where it raised the version.</param>
/// <param name="Stored">What is there from now on; null: nothing was changed.</param>
internal readonly record struct ScriptReply(long Code, byte[]? Version, byte[]? Stored);
