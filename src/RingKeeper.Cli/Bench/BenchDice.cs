namespace RingKeeper.Cli.Bench;

/// <summary>A client's choices: cheap, and the same for the same seed and number (SplitMix64, Steele, Lea and Flood 2014).</summary>
internal struct BenchDice(int seed, int client)
{
    private ulong _state = ((ulong)(uint)seed << 32) | (uint)client;

    public int Next(int below) => (int)(((Next() >> 32) * (ulong)below) >> 32);

    public double NextPart() => (Next() >> 11) * (1.0 / (1UL << 53));

    private ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
