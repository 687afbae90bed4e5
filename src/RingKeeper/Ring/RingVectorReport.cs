namespace RingKeeper;

/// <summary>How the rings of a vector file compare with ours.</summary>
/// <param name="Rings">One result a ring, in file order; invalid rings that must not build come last, as one.</param>
internal sealed record RingVectorReport(IReadOnlyList<RingVectorResult> Rings)
{
    /// <summary>Keys and hashes that agree.</summary>
    public int Matched => Rings.Sum(static ring => ring.Matched);

    /// <summary>Facts of the file that do not agree.</summary>
    public int Mismatched => Rings.Sum(static ring => ring.Mismatched);
}

/// <summary>How one ring compares.</summary>
/// <param name="Ring">The ring's id in the file.</param>
/// <param name="KeysMatched">Listed keys whose owner and order both agree.</param>
/// <param name="HashesMatched">Hashes over all points, orders and walks that agree.</param>
/// <param name="Mismatched">Facts that do not agree: keys, hashes, and listed points, counts, walks and owners.</param>
/// <param name="FirstMismatches">The first of them, described.</param>
internal sealed record RingVectorResult(string Ring, int KeysMatched, int HashesMatched, int Mismatched, IReadOnlyList<string> FirstMismatches)
{
    /// <summary>Keys and hashes that agree.</summary>
    public int Matched => KeysMatched + HashesMatched;
}

/// <summary>Counts while one ring is compared.</summary>
internal sealed class RingVectorTally(string ring)
{
    private const int MaxDescribed = 5;
    private readonly List<string> _first = [];
    private int _keys;
    private int _hashes;
    private int _mismatched;

    public RingVectorResult Result => new(ring, _keys, _hashes, _mismatched, _first);

    public void Key(bool agrees, Func<string> describe)
    {
        _keys += agrees ? 1 : 0;
        Fact(agrees, describe);
    }

    public void Hash(bool agrees, Func<string> describe)
    {
        _hashes += agrees ? 1 : 0;
        Fact(agrees, describe);
    }

    public void Fact(bool agrees, Func<string> describe)
    {
        if (agrees)
        {
            return;
        }

        _mismatched++;
        if (_first.Count < MaxDescribed)
        {
            _first.Add($"ring '{ring}': {describe()}");
        }
    }
}
