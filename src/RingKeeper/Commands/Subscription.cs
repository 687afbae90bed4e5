using System.IO.Hashing;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>One channel, or pattern, with those who listen to it and the shards that it is listened to on.</summary>
/// <param name="channel">The channel.</param>
/// <param name="routes">The ring.</param>
/// <param name="ended">Called with a queue that its reader has ended, when a message comes for it.</param>
internal sealed class Subscription(RedisChannel channel, IShardRoutes routes, Action<ChannelMessageQueue> ended)
{
    private readonly Lock _delivering = new();

    // Under the hub's lock.
    private readonly List<ShardEar> _ears = [];
    private readonly bool _isOfKey = ChannelKey.TryGet(channel, out _);
    private int _sources;

    // Under _delivering.
    private readonly DoubleRemover _doubles = new(routes.Time);
    private Action<RedisChannel, RedisValue>? _handlers;
    private ChannelMessageQueue[] _queues = [];

    public RedisChannel Channel => channel;

    /// <summary>Where it listens, the shard that a channel has left too. Under the hub's lock.</summary>
    public IReadOnlyList<ShardEar> Ears => _ears;

    /// <summary>Where a channel belongs now, and not for a while yet. Under the hub's lock.</summary>
    public ShardEar? Current { get; set; }

    /// <summary>Whether it listens on one shard, and on another only while the channel moves.</summary>
    public bool IsOfKey => _isOfKey;

    public bool IsEmpty
    {
        get
        {
            lock (_delivering)
            {
                return _handlers is null && _queues.Length == 0;
            }
        }
    }

    /// <summary>Finds the ear on a shard, or makes one that does not listen yet. Under the hub's lock.</summary>
    public ShardEar EarOn(ShardConnection connection)
    {
        var ear = _ears.Find(ear => ear.Connection == connection);
        if (ear is null)
        {
            ear = new ShardEar(this, connection, _sources++);
            _ears.Add(ear);
        }

        return ear;
    }

    /// <summary>Takes an ear out. Under the hub's lock.</summary>
    public void Remove(ShardEar ear) => _ears.Remove(ear);

    public void Add(Action<RedisChannel, RedisValue>? handler, ChannelMessageQueue? queue)
    {
        lock (_delivering)
        {
            _handlers += handler;
            _queues = queue is null ? _queues : [.. _queues, queue];
        }
    }

    public void Remove(Action<RedisChannel, RedisValue>? handler, ChannelMessageQueue? queue)
    {
        lock (_delivering)
        {
            _handlers -= handler;
            _queues = queue is null ? _queues : [.. _queues.Where(one => one != queue)];
        }
    }

    /// <summary>Removes all who listen, and ends their queues.</summary>
    public void RemoveAll()
    {
        ChannelMessageQueue[] queues;
        lock (_delivering)
        {
            (queues, _queues, _handlers) = (_queues, [], null);
        }

        foreach (var queue in queues)
        {
            queue.Unsubscribe();
        }
    }

    /// <summary>Delivers a message, unless it is a copy of one that was.</summary>
    public void Receive(int source, RedisChannel on, RedisValue message)
    {
        Action<RedisChannel, RedisValue>? handlers;
        List<ChannelMessageQueue>? done = null;
        lock (_delivering)
        {
            // What servers publish of their own keys has no copies; the same text from two shards is two events.
            if (!ChannelKey.IsNotification((byte[])on!) && _doubles.IsDouble(source, IdOf(on, message)))
            {
                return;
            }

            foreach (var queue in _queues)
            {
                MessageQueues.Write(queue, on, message);
                if (MessageQueues.IsEnded(queue))
                {
                    (done ??= []).Add(queue);
                }
            }

            handlers = _handlers;
        }

        done?.ForEach(ended);
        if (handlers is not null)
        {
            // As the library runs them: one message's handlers together, messages side by side.
            ThreadPool.UnsafeQueueUserWorkItem(Handle, (handlers, on, message), preferLocal: false);
        }
    }

    private static void Handle((Action<RedisChannel, RedisValue> Handlers, RedisChannel Channel, RedisValue Message) delivery)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(delivery.Handlers))
        {
            try
            {
                handler(delivery.Channel, delivery.Message);
            }
            catch (Exception)
            {
                // As in the library: a handler that throws keeps no message from the others.
            }
        }
    }

    private static UInt128 IdOf(RedisChannel channel, RedisValue message)
    {
        // A channel's hash as the seed; the remover tells whole texts apart, not channels from texts.
        ReadOnlyMemory<byte> text = message;
        return XxHash128.HashToUInt128(text.Span, (long)XxHash3.HashToUInt64((byte[])channel!));
    }
}
