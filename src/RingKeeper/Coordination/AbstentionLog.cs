using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>Tells when a checker begins and ends to say nothing about a shard, once each, shards of one reason in one line. Used by the checker's loop alone.</summary>
internal sealed class AbstentionLog(string name, ILogger logger)
{
    private const int NamedAtMost = 5;

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>Tells what changed since the last call.</summary>
    public void Tell(VoteDraft draft)
    {
        foreach (var begun in draft.Abstentions.Where(a => _told.Add(a.Key)).GroupBy(static a => a.Value, static a => a.Key, StringComparer.Ordinal))
        {
            Log.Abstains(logger, name, Describe([.. begun]), begun.Key);
            CheckerCounts.Abstained(name, begun.Count());
        }

        var ended = _told.Where(a => !draft.Abstentions.ContainsKey(a)).Order(StringComparer.Ordinal).ToList();
        if (ended.Count > 0)
        {
            _told.ExceptWith(ended);
            Log.AbstentionEnded(logger, name, Describe(ended));
        }
    }

    private static string Describe(List<string> addrs) =>
        addrs.Count <= NamedAtMost ? string.Join(", ", addrs) : $"{string.Join(", ", addrs.Take(NamedAtMost))} and {addrs.Count - NamedAtMost} more";
}
