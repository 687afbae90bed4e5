namespace RingKeeper;

/// <summary>Gives numbers that tell copies of one version apart: splitmix64 (Steele, Lea, Flood 2014) over a counter. Safe for concurrent use, takes no lock.</summary>
/// <param name="seed">Where it begins; another one in each process.</param>
internal sealed class Nonces(long seed)
{
    private long _state = seed;

    public uint Next()
    {
        var z = (ulong)Interlocked.Add(ref _state, unchecked((long)0x9E3779B97F4A7C15));
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (uint)((z ^ (z >> 31)) >> 32);
    }
}
