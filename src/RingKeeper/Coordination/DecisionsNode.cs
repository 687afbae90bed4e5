using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RingKeeper;

/// <summary>The last decisions of a cluster as they stand in <c>…/decisions</c>, newest first. Only RingKeeper reads and writes them. Pure.</summary>
internal static class DecisionsNode
{
    /// <summary>How many decisions are kept.</summary>
    public const int MaxCount = 64;

    /// <summary>How many bytes they may take.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Puts a decision before those there were, and drops what is too old or too long.</summary>
    /// <param name="newest">The decision just made.</param>
    /// <param name="before">Those there were, newest first.</param>
    /// <returns>The data.</returns>
    public static byte[] Encode(Decision newest, IEnumerable<Decision> before)
    {
        var kept = new List<byte[]> { EncodeWithin(newest) };
        var length = kept[0].Length + 2;
        foreach (var decision in before.Take(MaxCount - 1))
        {
            var data = JsonSerializer.SerializeToUtf8Bytes(decision, DecisionJson.Default.Decision);
            length += data.Length + 1;
            if (length > MaxBytes)
            {
                break;
            }

            kept.Add(data);
        }

        return [(byte)'[', .. kept.SelectMany(static (d, i) => i == 0 ? d : [(byte)',', .. d]), (byte)']'];
    }

    /// <summary>Reads them; an error names the znode.</summary>
    /// <param name="path">The znode.</param>
    /// <param name="data">Its data.</param>
    /// <param name="writtenAt">When it was written, by ZooKeeper's clock, in milliseconds since the Unix epoch: the newest decision was made then, however long before it had been counted.</param>
    /// <exception cref="RingKeeperException">They cannot be read.</exception>
    public static ImmutableArray<Decision> Decode(string path, ReadOnlySpan<byte> data, long writtenAt)
    {
        try
        {
            var decisions = JsonSerializer.Deserialize(data, DecisionJson.Default.ImmutableArrayDecision);
            return decisions.IsDefault || decisions.Any(static d => d?.Changes.IsDefault != false || !d.Changes.All(IsWhole))
                ? throw new JsonException("It is no array of decisions.")
                : [.. decisions.Select((d, i) => Completed(i == 0 ? d with { At = Math.Max(d.At, writtenAt) } : d))];
        }
        catch (JsonException e)
        {
            throw new RingKeeperException($"The znode {path} cannot be read: {e.Message} It only records decisions; the leading checker writes it anew with the next one.", e);
        }
    }

    private static bool IsWhole(Flip? change) =>
        change is { Addr: not null, Count: not null } && (change.Count.Votes.IsDefault || change.Count.Votes.All(static v => v is not null));

    // A list that is missing is an empty one; as the reader leaves it, it could not be written again.
    private static Decision Completed(Decision decision) => decision with
    {
        Unseated = decision.Unseated.IsDefault ? [] : decision.Unseated,
        Changes = [.. decision.Changes.Select(static c => c.Count.Votes.IsDefault ? c with { Count = c.Count with { Votes = [] } } : c)],
    };

    // The mass death of a large cluster: first the single votes go, then changes.
    private static byte[] EncodeWithin(Decision decision)
    {
        var data = JsonSerializer.SerializeToUtf8Bytes(decision, DecisionJson.Default.Decision);
        if (data.Length <= MaxBytes - 2)
        {
            return data;
        }

        var brief = decision with { Changes = [.. decision.Changes.Select(static c => c with { Count = c.Count with { Votes = [] } })] };
        for (var count = brief.Changes.Length; ; count /= 2)
        {
            data = JsonSerializer.SerializeToUtf8Bytes(brief with { Changes = brief.Changes[..count], Omitted = brief.Changes.Length - count }, DecisionJson.Default.Decision);
            if (data.Length <= MaxBytes - 2 || count == 0)
            {
                return data;
            }
        }
    }
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Decision))]
[JsonSerializable(typeof(ImmutableArray<Decision>))]
internal sealed partial class DecisionJson : JsonSerializerContext;
