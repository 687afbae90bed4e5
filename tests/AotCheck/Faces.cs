using System.Diagnostics;
using RingKeeper;
using StackExchange.Redis;

namespace AotCheck;

/// <summary>The ring behind the interfaces of StackExchange.Redis, some of whose parts are reached by their names alone.</summary>
internal static class Faces
{
    public static async Task<IEnumerable<(string What, bool Holds)>> CheckAsync(ZKCluster cluster, CancellationToken cancel)
    {
        var told = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == RingKeeperTelemetry.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ => Interlocked.Increment(ref told),
        };
        ActivitySource.AddActivityListener(listener);

        var ring = cluster.GetMultiplexer();
        var db = ring.GetDatabase();
        var keys = Enumerable.Range(0, 50).Select(static i => (RedisKey)$"number:{i}").ToArray();
        await db.StringSetAsync([.. keys.Select(static (key, i) => KeyValuePair.Create(key, (RedisValue)i))]);
        var sum = (await db.StringGetAsync(keys)).Sum(static value => (int)value);

        var transaction = db.CreateTransaction();
        var seven = transaction.AddCondition(Condition.StringEqual("number:7", 7));
        var eight = transaction.StringIncrementAsync("number:7");
        var done = await transaction.ExecuteAsync();
        var refused = db.CreateTransaction();
        refused.AddCondition(Condition.StringEqual("number:7", 7));
        var undone = refused.StringIncrementAsync("number:7");

        var subscriber = ring.GetSubscriber();
        var news = RedisChannel.Literal("news");
        var queue = await subscriber.SubscribeAsync(news);
        var handled = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await subscriber.SubscribeAsync(news, (channel, message) => handled.TrySetResult($"{channel}: {message}"));
        await subscriber.PublishAsync(news, "one");
        var (read, handledAs) = (await queue.ReadAsync(cancel), await handled.Task.WaitAsync(cancel));
        await subscriber.UnsubscribeAllAsync();
        var unheard = await subscriber.PublishAsync(news, "two");

        return
        [
            ("many keys are split and put together", sum == 49 * 50 / 2),
            ("a transaction holds its condition", done && seven.WasSatisfied && await eight == 8),
            ("a transaction whose condition fails does nothing", !await refused.ExecuteAsync() && undone.IsCanceled && await db.StringGetAsync("number:7") == 8),
            ("the whole ring is counted", ring.GetCounters().Interactive.OperationCount > 0 && cluster.GetShardDatabases().Count == cluster.View.Ring.Shards.Count),
            ("a queue and a handler hear what is published", read.Channel == news && read.Message == "one" && handledAs == "news: one"),
            ("nobody hears it any more after that", queue.Completion.IsCompleted && !queue.TryRead(out _) && unheard == 0 && subscriber.SubscribedEndpoint(news) is null),
            ("commands are told", told > 0),
        ];
    }
}
