namespace RingKeeper.Cli.Balance;

/// <summary>What was found on one shard. Not safe for concurrent use.</summary>
/// <param name="shard">The shard.</param>
/// <param name="index">Its index in the ring.</param>
/// <param name="biggest">How many of the biggest keys to remember.</param>
/// <param name="homes">Tells why a key lies there.</param>
internal sealed class ShardSample(Shard shard, int index, int biggest, KeyHomes homes)
{
    private const int MostExamples = 5;
    private readonly HashSet<ulong> _seen = [];
    private readonly PriorityQueue<SampledKey, long> _biggest = new();
    private readonly List<(KeyHome Home, byte[] Key)> _examples = [];
    private readonly int[] _homes = new int[Enum.GetValues<KeyHome>().Length];
    private double _squares;

    public Shard Shard => shard;

    public int Index => index;

    /// <summary>Gets or sets how many keys the database holds; null where the shard did not answer.</summary>
    public long? Keys { get; set; }

    /// <summary>Gets or sets how many of them expire, or null.</summary>
    public long? Expiring { get; set; }

    /// <summary>Gets or sets how many keys are to be looked at.</summary>
    public long Quota { get; set; }

    /// <summary>Gets or sets why the shard was not looked at, or not to the end; or null.</summary>
    public string? Trouble { get; set; }

    /// <summary>Gets or sets whether the walk came to its end.</summary>
    public bool IsWhole { get; set; }

    public int Sampled { get; private set; }

    public long Bytes { get; private set; }

    public int Misplaced => _homes[(int)KeyHome.Failover] + _homes[(int)KeyHome.Topology] + _homes[(int)KeyHome.Elsewhere];

    public IReadOnlyList<(KeyHome Home, byte[] Key)> Examples => _examples;

    public IEnumerable<SampledKey> Biggest => _biggest.UnorderedItems.Select(static item => item.Element);

    public int CountOf(KeyHome home) => _homes[(int)home];

    /// <summary>Says whether a key is new: SCAN may give one twice. Sixty-four bits of it are remembered.</summary>
    public bool IsNew(byte[] key) => _seen.Add(System.IO.Hashing.XxHash3.HashToUInt64(key));

    /// <summary>Adds a key that is new.</summary>
    public void Add(byte[] key, long bytes)
    {
        Sampled++;
        Bytes += bytes;
        _squares += (double)bytes * bytes;
        var home = homes.Of(key, index);
        _homes[(int)home]++;
        if (home != KeyHome.Right && _examples.Count(example => example.Home == home) < MostExamples)
        {
            _examples.Add((home, key));
        }

        if (biggest > 0)
        {
            if (_biggest.Count < biggest)
            {
                _biggest.Enqueue(new SampledKey(shard.Name, key, bytes), bytes);
            }
            else
            {
                _biggest.EnqueueDequeue(new SampledKey(shard.Name, key, bytes), bytes);
            }
        }
    }

    /// <summary>The bytes of all keys, scaled up from the sample, and half the width of the 95 % interval; null without a sample.</summary>
    public (double Bytes, double Margin)? Scaled
    {
        get
        {
            if (Keys is not { } keys || (Sampled == 0 && keys > 0))
            {
                return null;
            }

            if (Sampled == 0)
            {
                return (0, 0);
            }

            // Walked to the end, nothing is left to guess; else the usual formula for a sample without repetition.
            var all = IsWhole ? Sampled : Math.Max(keys, Sampled);
            var mean = (double)Bytes / Sampled;
            var variance = Sampled > 1 ? Math.Max(0, (_squares - (Sampled * mean * mean)) / (Sampled - 1)) : mean * mean;
            var left = all > 1 ? (double)(all - Sampled) / (all - 1) : 0;
            return (mean * all, 1.96 * all * Math.Sqrt(variance / Sampled * left));
        }
    }
}

/// <summary>A key that was found.</summary>
/// <param name="Shard">The name of the shard it lies on.</param>
/// <param name="Key">The key.</param>
/// <param name="Bytes">What it takes, by MEMORY USAGE.</param>
internal sealed record SampledKey(string Shard, byte[] Key, long Bytes);
