using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StackExchange.Redis;

namespace RingKeeper.Tests.Shards;

/// <summary>A subscriber of one shard: keeps what is subscribed as the library does, confirms when it is told to, and says what a test lets the shard say.</summary>
public class FakeSubscriber : DispatchProxy
{
    private readonly Lock _changing = new();
    private readonly List<(RedisChannel Channel, ChannelMessageQueue Queue)> _queues = [];
    private readonly List<(RedisChannel Channel, Delegate Handler)> _handlers = [];
    private readonly Channel<RedisChannel> _asked = Channel.CreateUnbounded<RedisChannel>();

    /// <summary>What becomes of the question for a subscription; null: it is confirmed.</summary>
    public Func<Task>? Confirm { get; set; }

    /// <summary>Whether the connection that is listened on is there; null: it is.</summary>
    public Func<bool>? Connected { get; set; }

    /// <summary>How often a subscription was asked for.</summary>
    public int Questions { get; private set; }

    /// <summary>Whether a handler or a queue of the channel is left.</summary>
    public bool IsSubscribed(RedisChannel channel)
    {
        lock (_changing)
        {
            return _handlers.Exists(one => one.Channel == channel) || _queues.Exists(one => one.Channel == channel && !MessageQueues.IsEnded(one.Queue));
        }
    }

    /// <summary>Returns once the next queue is subscribed, or at once for one that was not asked about yet.</summary>
    public async Task<RedisChannel> QueueAddedAsync() => await _asked.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Returns once the last queue of the channel has ended.</summary>
    public Task EndedAsync(RedisChannel channel)
    {
        lock (_changing)
        {
            return _queues.FindLast(one => one.Channel == channel).Queue.Completion.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    /// <summary>Lets the shard say something to those who are subscribed to a channel or a pattern.</summary>
    public void Say(RedisChannel subscribed, RedisChannel on, RedisValue message)
    {
        lock (_changing)
        {
            foreach (var (_, queue) in _queues.Where(one => one.Channel == subscribed))
            {
                MessageQueues.Write(queue, on, message);
            }
        }
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name, args!.Length)
        {
            case (nameof(ISubscriber.SubscribeAsync), 3):
                Add((RedisChannel)args[0]!, (Delegate)args[1]!);
                return Confirm?.Invoke() ?? Task.CompletedTask;
            case (nameof(ISubscriber.Subscribe), 3):
                Add((RedisChannel)args[0]!, (Delegate)args[1]!);
                Confirm?.Invoke().GetAwaiter().GetResult();
                return null;
            case (nameof(ISubscriber.Subscribe), 2):
                return Queue((RedisChannel)args[0]!);
            case (nameof(ISubscriber.Unsubscribe), 3):
                lock (_changing)
                {
                    var at = _handlers.FindLastIndex(one => one.Channel == (RedisChannel)args[0]! && one.Handler.Equals((Delegate)args[1]!));
                    if (at >= 0)
                    {
                        _handlers.RemoveAt(at);
                    }
                }

                return null;
            case (nameof(ISubscriber.IsConnected), 1):
                return Connected?.Invoke() ?? true;
            case (nameof(ISubscriber.SubscribedEndpoint), 1):
                return IsSubscribed((RedisChannel)args[0]!) ? new DnsEndPoint("localhost", 1) : null;
            case (nameof(GetHashCode), 0):
                return RuntimeHelpers.GetHashCode(this);
            default:
                throw new NotSupportedException(targetMethod.ToString());
        }
    }

    private void Add(RedisChannel channel, Delegate handler)
    {
        lock (_changing)
        {
            Questions++;
            _handlers.Add((channel, handler));
        }
    }

    private ChannelMessageQueue Queue(RedisChannel channel)
    {
        var queue = MessageQueues.New(channel);
        lock (_changing)
        {
            _queues.Add((channel, queue));
        }

        _asked.Writer.TryWrite(channel);
        return queue;
    }
}
