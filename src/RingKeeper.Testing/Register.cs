using System.Globalization;
using System.Text;

namespace RingKeeper.Testing;

/// <summary>One value that a single writer raises by one at a time; every copy carries the epoch it was written under.</summary>
internal sealed class Register(string key)
{
    /// <summary>Writes a copy, unless there is one that is not older; a delayed write cannot return from the past.</summary>
    public const string WriteScript =
        """
        local present = redis.call('GET', KEYS[1])
        if present and string.sub(present, 1, 33) >= string.sub(ARGV[1], 1, 33) then
            return 0
        end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1
        """;

    private long _attempted;
    private Acknowledged? _acknowledged;

    public string Key => key;

    public byte[] KeyBytes { get; } = Encoding.UTF8.GetBytes(key);

    /// <summary>The highest number a write was begun with.</summary>
    public long Attempted => Volatile.Read(ref _attempted);

    /// <summary>The newest write that was acknowledged, and the view it was written under.</summary>
    public Acknowledged? LastAcknowledged => Volatile.Read(ref _acknowledged);

    public long BeginWrite() => Interlocked.Increment(ref _attempted);

    public void Acknowledge(long number, ClusterView view) =>
        Volatile.Write(ref _acknowledged, new Acknowledged(number, view.TopologyVersion, view.StatusVersion));

    public string Copy(long epoch, long number) => string.Create(CultureInfo.InvariantCulture, $"{epoch:x16}:{number:x16}:{key}");

    /// <summary>Judges a copy that was read under a view.</summary>
    /// <param name="copy">The copy.</param>
    /// <param name="validSince">The key's epoch under the reader's view.</param>
    /// <param name="reader">The reader's view.</param>
    /// <param name="before">The newest acknowledged write when the read began.</param>
    public Judgement Judge(string copy, long validSince, ClusterView reader, Acknowledged? before)
    {
        var parts = copy.Split(':', 3);
        if (parts.Length != 3 || parts[2] != key
            || !long.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var epoch)
            || !long.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            || number > Attempted)
        {
            return Judgement.Wrong;
        }

        if (epoch < validSince)
        {
            return Judgement.Outdated;
        }

        if (before is null || number >= before.Number)
        {
            return Judgement.Fresh;
        }

        // A reader is held to what its view could know: a write under a view it has seen, or an older one.
        return before.TopologyVersion <= reader.TopologyVersion && before.StatusVersion <= reader.StatusVersion ? Judgement.Stale : Judgement.Lagging;
    }

    internal sealed record Acknowledged(long Number, long TopologyVersion, long StatusVersion);
}

/// <summary>What a read turned out to be.</summary>
internal enum Judgement
{
    /// <summary>No older than the newest acknowledged write.</summary>
    Fresh,

    /// <summary>A copy of an earlier epoch, taken for a miss as it must be.</summary>
    Outdated,

    /// <summary>An older value, read under a view older than the newest write's.</summary>
    Lagging,

    /// <summary>An older value under a view that should have kept it away: a broken promise.</summary>
    Stale,

    /// <summary>A value that was never written here: a broken promise.</summary>
    Wrong,
}
