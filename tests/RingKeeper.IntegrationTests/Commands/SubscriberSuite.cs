using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Commands;

/// <summary>Publish and subscribe over a ring that changes, with two publishers and a subscriber whose views are their own.</summary>
public abstract class SubscriberSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    private const int Channels = 12;

    private readonly TStack _stack = new();
    private readonly ConcurrentDictionary<(int Publisher, int Channel), List<(int Number, long Begun)>> _sent = [];
    private readonly ConcurrentDictionary<(int Publisher, int Channel), List<int>> _heard = [];
    private readonly ConcurrentDictionary<(int Publisher, int Channel), ConcurrentDictionary<int, TaskCompletionSource>> _awaited = [];

    private readonly List<(long Begun, long Seen)> _changes = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _stack.DisposeAsync();
    }

    [Fact, Trait("Speed", "Slow"), Trait("Run", "Alone")]
    public async Task Planned_moves_lose_and_double_nothing_and_after_a_death_only_what_was_published_before_the_move_may_be_missing()
    {
        await _stack.StartAsync();
        ZKCluster[] clients = [await _stack.ConnectAsync(), await _stack.ConnectAsync(), await _stack.ConnectAsync()];
        var subscriber = clients[0].GetMultiplexer().GetSubscriber();
        var gaps = new ConcurrentQueue<string>();
        using var listener = ListenForGaps(gaps);
        for (var channel = 0; channel < Channels; channel++)
        {
            var queue = await subscriber.SubscribeAsync(Name(channel));
            queue.OnMessage(message => Hear((int)message.Message >> 24, int.Parse(((string)message.Channel!)[3..], null), (int)message.Message & 0xFFFFFF));
        }

        using var stop = new CancellationTokenSource();
        var publishing = clients[1..].Select((client, publisher) => PublishAsync(client.GetMultiplexer().GetSubscriber(), publisher, stop.Token)).ToArray();

        // Added, drained, put back and removed.
        var added = await _stack.StartShardAsync("shard4");
        await _stack.UpdateAsync(shards => shards.Append(added));
        await SeeAsync(clients, Views.IsAlive("shard4"));
        await _stack.Manager.DrainShardAsync(_stack.Name, "shard2", cancellationToken: Cancel.Soon);
        await SeeAsync(clients, Views.IsDead("shard2"));
        await _stack.Manager.UndrainShardAsync(_stack.Name, "shard2", Cancel.Soon);
        await SeeAsync(clients, Views.IsAlive("shard2"));
        await _stack.UpdateAsync(shards => shards.Where(shard => shard.Name != "shard4"));
        await SeeAsync(clients, view => view.Ring.Shards.All(shard => shard.Name != "shard4"));
        await HearFromNowAsync();
        Assert.Empty(gaps);
        Assert.Equal([], Missing());
        Assert.Equal([], Doubled());

        // Killed.
        var killed = Stopwatch.GetTimestamp();
        await _stack.Shards["shard1"].KillAsync();
        await SeeAsync(clients, Views.IsDead("shard1"));
        await HearFromNowAsync();
        var moved = Stopwatch.GetTimestamp();
        Assert.Contains("connection_lost", gaps);
        Assert.Contains("moved", gaps);

        // Returned.
        await _stack.Shards["shard1"].RestartAsync();
        await SeeAsync(clients, Views.IsAlive("shard1"));
        await HearFromNowAsync();
        await stop.CancelAsync();
        await Task.WhenAll(publishing).WaitAsync(Cancel.Soon);
        await HearAllAsync();

        Assert.All(Missing(), begun => Assert.InRange(begun, killed - (Stopwatch.Frequency / 10), moved));
        Assert.Equal([], Doubled());
        Assert.All(OutOfOrder(), begun => Assert.Contains(_changes, change => begun >= change.Begun && begun <= change.Seen + Stopwatch.Frequency));
        Assert.True(_heard.Values.Sum(static numbers => numbers.Count) > 1000, "Too little was published to prove anything.");
    }

    private static RedisChannel Name(int channel) => RedisChannel.Literal($"ch:{channel}");

    private static MeterListener ListenForGaps(ConcurrentQueue<string> reasons)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "ringkeeper.subscriptions.gaps")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => reasons.Enqueue((string)tags[1].Value!));
        listener.Start();
        return listener;
    }

    private async Task SeeAsync(ZKCluster[] clients, Func<ClusterView, bool> isAsWanted)
    {
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(clients.Select(client => Views.WaitAsync(client, isAsWanted)));
        _changes.Add((begun, Stopwatch.GetTimestamp()));
    }

    // A publish that failed may have arrived, or not: it is not counted as sent, and its number is not used again.
    private async Task PublishAsync(ISubscriber subscriber, int publisher, CancellationToken stop)
    {
        for (var number = 1; !stop.IsCancellationRequested; number++)
        {
            await Task.WhenAll(Enumerable.Range(0, Channels).Select(channel => PublishOneAsync(subscriber, publisher, channel, number)));
        }
    }

    private async Task PublishOneAsync(ISubscriber subscriber, int publisher, int channel, int number)
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            await subscriber.PublishAsync(Name(channel), (publisher << 24) | number);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or RingKeeperException)
        {
            return;
        }

        var sent = _sent.GetOrAdd((publisher, channel), static _ => []);
        lock (sent)
        {
            sent.Add((number, begun));
        }
    }

    private void Hear(int publisher, int channel, int number)
    {
        var heard = _heard.GetOrAdd((publisher, channel), static _ => []);
        lock (heard)
        {
            heard.Add(number);
        }

        foreach (var (least, source) in _awaited.GetOrAdd((publisher, channel), static _ => []))
        {
            if (number >= least)
            {
                source.TrySetResult();
            }
        }
    }

    // Returns once each channel has brought something that each publisher began to publish after now.
    private Task HearFromNowAsync() => Task.WhenAll(_sent.Select(pair => HearAsync(pair.Key, LastOf(pair.Value) + 2)));

    private Task HearAllAsync() => Task.WhenAll(_sent.Select(pair => HearAsync(pair.Key, LastOf(pair.Value))));

    private Task HearAsync((int Publisher, int Channel) from, int least)
    {
        var source = _awaited.GetOrAdd(from, static _ => []).GetOrAdd(least, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var heard = _heard.GetOrAdd(from, static _ => []);
        lock (heard)
        {
            if (heard.Exists(number => number >= least))
            {
                source.TrySetResult();
            }
        }

        return source.Task.WaitAsync(Cancel.Soon);
    }

    private static int LastOf(List<(int Number, long Begun)> sent)
    {
        lock (sent)
        {
            return sent[^1].Number;
        }
    }

    // When those were published that were not heard, though later ones of the same publisher and channel were.
    private List<long> Missing()
    {
        var missing = new List<long>();
        foreach (var (from, sent) in _sent)
        {
            var heard = _heard.GetOrAdd(from, static _ => []);
            lock (heard)
            {
                lock (sent)
                {
                    var last = heard.Count == 0 ? 0 : heard.Max();
                    missing.AddRange(sent.ExceptBy(heard, static one => one.Number).Where(one => one.Number < last).Select(static one => one.Begun));
                }
            }
        }

        return missing;
    }

    // When those were published that overtook an earlier one, over another shard; of a publish that failed and arrived none the less, nobody noted when.
    private List<long> OutOfOrder() =>
    [
        .. _heard.SelectMany(pair => pair.Value.Zip(pair.Value.Skip(1)).Where(static two => two.First > two.Second)
            .SelectMany(two => _sent[pair.Key].Where(one => one.Number == two.First)).Select(static one => one.Begun)),
    ];

    private List<int> Doubled()
    {
        var doubled = new List<int>();
        foreach (var heard in _heard.Values)
        {
            lock (heard)
            {
                doubled.AddRange(heard.GroupBy(static number => number).Where(static group => group.Count() > 1).Select(static group => group.Key));
            }
        }

        return doubled;
    }
}
