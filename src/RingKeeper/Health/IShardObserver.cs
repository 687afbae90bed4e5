namespace RingKeeper;

/// <summary>Who looks at the shards for a checker: <see cref="LocalChecker"/>, or the simulator, which hands in what a probe would have found.</summary>
internal interface IShardObserver
{
    /// <summary>What is known of the shards by address, an immutable snapshot, replaced when a verdict or what goes with it changes.</summary>
    IReadOnlyDictionary<string, ShardObservation> Observations { get; }

    /// <summary>What is known of a shard now, times and round trips included; null for one that is not observed.</summary>
    ShardObservation? Observe(string addr);

    /// <summary>Sets the shards to look at.</summary>
    void SetShards(IReadOnlyList<Shard> shards);

    /// <summary>Sets how flapping is damped.</summary>
    void SetFlapPolicy(FlapPolicy policy);
}
