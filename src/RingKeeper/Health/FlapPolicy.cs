namespace RingKeeper;

/// <summary>Names how a shard that dies again and again is kept from returning at once.</summary>
public enum FlapPolicy
{
    /// <summary>The Go package's: each death triples the number of good answers that a return takes, each good answer takes one off; at most ten thresholds.</summary>
    Go = 0,

    /// <summary>A penalty of 1000 for each death that halves every five minutes: above 2500 the shard stays dead until it is below 800, at most 20 minutes.</summary>
    Decaying = 1,

    /// <summary>No damping: the first good answer is a return.</summary>
    Off = 2,
}
