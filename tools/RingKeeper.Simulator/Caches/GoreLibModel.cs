using System.Collections.Immutable;
using System.Globalization;
using StackExchange.Redis;

namespace RingKeeper.Simulator.Caches;

/// <summary>
/// What the scripts of <see cref="GoreLibScripts"/> do to one key, in C#, as <see cref="ScriptModel"/> does for the product's own format; held to the real ones by the same kind of test.
/// </summary>
internal static class GoreLibModel
{
    private const int HeadLength = 28;
    private const int Kept = 10;

    /// <summary>Runs a script.</summary>
    /// <param name="script">One of the scripts of the product.</param>
    /// <param name="text">What is there, where that is a string; else null.</param>
    /// <param name="members">What is there, where that is a sorted set, newest first; else empty.</param>
    /// <param name="values">ARGV.</param>
    public static GoreLibReply Run(string script, byte[]? text, ImmutableArray<SortedSetEntry> members, RedisValue[] values)
    {
        if (text is not null && (text.Length < HeadLength || !text.AsSpan().StartsWith((byte[])values[5]!)))
        {
            return new GoreLibReply(-3, null, default);
        }

        double? stored = members.Length > 0 ? members[0].Score : null;
        if (script == GoreLibScripts.CheckAndSet && (stored > (double)values[6] || (text is not null && values[7] == 1)))
        {
            return new GoreLibReply(-2, null, default);
        }

        var serial = Math.Max((double)values[1], (double)values[2]);
        if (stored > (double)values[3])
        {
            return new GoreLibReply(-1, null, default);
        }

        if (stored >= serial)
        {
            serial = Math.Floor(stored.Value) + 1;
        }

        byte[] written = values[0]!;
        ImmutableArray<SortedSetEntry> next =
        [
            .. members.Where(member => !written.AsSpan().SequenceEqual((byte[])member.Element!)).Append(new SortedSetEntry(values[0], serial))
                .OrderByDescending(static member => member.Score).ThenByDescending(static member => (byte[])member.Element!, Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)))
                .Take(Kept),
        ];
        return new GoreLibReply(0, serial.ToString("F0", CultureInfo.InvariantCulture), next);
    }
}

/// <summary>What a script of the Go package's format came to.</summary>
/// <param name="Code">What it gives where it changed nothing.</param>
/// <param name="Serial">What it gives where it is done.</param>
/// <param name="Members">What is there from then on, newest first.</param>
internal readonly record struct GoreLibReply(long Code, string? Serial, ImmutableArray<SortedSetEntry> Members);
