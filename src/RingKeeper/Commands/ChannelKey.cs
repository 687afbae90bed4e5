using StackExchange.Redis;

namespace RingKeeper;

/// <summary>The key that a channel goes with. Pure.</summary>
internal static class ChannelKey
{
    private const byte ItemEnd = (byte)'\n';
    private const byte TypeEnd = (byte)'|';

    /// <summary>Finds the key whose shard a subscription listens on: the channel's name, or the key that a notification is about.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="key">The key.</param>
    /// <returns>False where it listens on all shards: patterns, and notifications of events.</returns>
    public static bool TryGet(RedisChannel channel, out RedisKey key)
    {
        key = default;
        if (channel.IsPattern)
        {
            return false;
        }

        byte[] name = channel!;
        if (!IsNotification(name))
        {
            key = name;
            return true;
        }

        return TryGetNotified(name, out key);
    }

    /// <summary>The key whose shard a message goes to.</summary>
    /// <exception cref="ArgumentException">The channel is null.</exception>
    public static RedisKey ForPublishing(RedisChannel channel)
    {
        byte[] name = (byte[]?)channel ?? throw new ArgumentException("The channel is null.", nameof(channel));
        return IsNotification(name) && TryGetNotified(name, out var key) ? key : name;
    }

    /// <summary>Whether servers themselves publish on a channel, each of its own keys.</summary>
    public static bool IsNotification(ReadOnlySpan<byte> name) =>
        name.StartsWith("__"u8)
        && (name.StartsWith("__keyspace@"u8) || name.StartsWith("__keyevent@"u8) || name.StartsWith("__subkeyspace@"u8) || name.StartsWith("__subkeyevent@"u8)
            || name.StartsWith("__subkeyspaceitem@"u8) || name.StartsWith("__subkeyspaceevent@"u8));

    private static bool TryGetNotified(ReadOnlySpan<byte> name, out RedisKey key)
    {
        key = default;
        var at = name.IndexOf("__:"u8);
        if (at < 0 || name.StartsWith("__keyevent@"u8) || name.StartsWith("__subkeyevent@"u8))
        {
            return false;
        }

        var rest = name[(at + 3)..];
        if (name.StartsWith("__subkeyspaceitem@"u8) && rest.IndexOf(ItemEnd) is >= 0 and var item)
        {
            rest = rest[..item];
        }
        else if (name.StartsWith("__subkeyspaceevent@"u8) && rest.IndexOf(TypeEnd) is >= 0 and var type)
        {
            rest = rest[(type + 1)..];
        }

        key = rest.ToArray();
        return true;
    }
}
