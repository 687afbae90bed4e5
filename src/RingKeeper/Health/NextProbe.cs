namespace RingKeeper;

/// <summary>When the next probe is due.</summary>
internal enum NextProbe
{
    AfterInterval,

    /// <summary>After <see cref="ShardHealth.RefusalSpacing"/>: one more answer like the last proves a death.</summary>
    AfterRefusal,
    AtOnce,

    /// <summary>The shard is known dead and costs nothing to ask: often, so that its return is seen soon.</summary>
    WhileDead,
}
