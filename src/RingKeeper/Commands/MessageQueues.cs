using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>The library's message queues without a connection, which it does not let others make: they outlive the connection to a shard.</summary>
internal static class MessageQueues
{
    /// <summary>Makes one that belongs to no connection: to unsubscribe it ends it, and tells nobody.</summary>
    public static ChannelMessageQueue New(RedisChannel channel) => New(in channel, null);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SynchronizedWrite")]
    public static extern void Write(ChannelMessageQueue queue, in RedisChannel channel, in RedisValue message);

    /// <summary>Whether it takes no more messages; read or not, those that it has stay.</summary>
    public static bool IsEnded(ChannelMessageQueue queue) => WriterOf(queue).WaitToWriteAsync().AsTask() is { IsCompletedSuccessfully: true, Result: false };

    private static ChannelWriter<ChannelMessage> WriterOf(ChannelMessageQueue queue) => InnerOf(queue).Writer;

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern ChannelMessageQueue New(in RedisChannel channel, [UnsafeAccessorType("StackExchange.Redis.RedisSubscriber, StackExchange.Redis")] object? parent);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_queue")]
    private static extern ref Channel<ChannelMessage> InnerOf(ChannelMessageQueue queue);
}
