namespace RingKeeper;

/// <summary>How long what belongs to the move of a channel takes.</summary>
internal static class ChannelMoves
{
    /// <summary>How long publishers publish on the old shard too: views that lag by less hear everything.</summary>
    public static readonly TimeSpan PublishWindow = TimeSpan.FromSeconds(5);

    /// <summary>How long the old shard is listened to: longer than any publisher uses it that lags by less than the difference.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How far apart the two copies of a message may arrive: twice the timeout of a shard's operations. Well below <see cref="PublishWindow"/>, or what a lagging publisher sent on the
    /// old shard alone could pass for the copy of the same text that another sends on the new one after its window.
    /// </summary>
    public static readonly TimeSpan CopiesWithin = TimeSpan.FromSeconds(2);

    /// <summary>How long a first subscription waits for the connection that is listened on: as long as commands wait for a shard by default.</summary>
    public static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(1);

    /// <summary>The pause between a first subscription's attempts.</summary>
    public static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(50);

    /// <summary>The pause between attempts to be heard on a shard.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
}
