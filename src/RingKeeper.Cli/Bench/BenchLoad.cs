using StackExchange.Redis;

namespace RingKeeper.Cli.Bench;

/// <summary>Drives one target by a plan: as many loops as clients, each with one operation under way. Ends on time, whatever the servers do.</summary>
/// <param name="plan">What to do.</param>
/// <param name="keys">The keys.</param>
/// <param name="target">Where to.</param>
/// <param name="time">The source of time.</param>
internal sealed class BenchLoad(BenchPlan plan, RedisKey[] keys, IBenchTarget target, TimeProvider time)
{
    // An operation times out after a second; what is not back by then is counted as unfinished.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    // A dead shard fails at once, and its errors must not take the processor from the others.
    private static readonly TimeSpan AfterError = TimeSpan.FromMilliseconds(10);

    private readonly RedisValue _value = ValueOf(plan);
    private readonly long _start = time.GetTimestamp();

    // What is not back at the end is not counted twice: as unfinished, and by its answer.
    private volatile bool _isOver;

    /// <summary>Gets how much of it is done, from 0 to 1.</summary>
    public double Share => time.GetElapsedTime(_start) / (plan.WarmUp + plan.Duration);

    /// <summary>Runs it.</summary>
    /// <returns>What all clients have seen.</returns>
    public async Task<BenchTally> RunAsync(CancellationToken cancellationToken)
    {
        var tallies = Enumerable.Range(0, plan.Clients).Select(static _ => new BenchTally()).ToArray();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var clients = tallies.Select((tally, number) => Task.Run(() => ClientAsync(number, tally, stop.Token), CancellationToken.None)).ToArray();
        try
        {
            await Task.WhenAll(clients).WaitAsync(plan.WarmUp + plan.Duration + Grace, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // What was sent may yet be written: it is waited for, so that whoever deletes the keys comes after it.
            await Task.WhenAll(clients).WaitAsync(Grace, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        catch (TimeoutException)
        {
            // Those that hang are counted below.
        }

        _isOver = true;
        await stop.CancelAsync();
        var sum = new BenchTally();
        for (var i = 0; i < clients.Length; i++)
        {
            if (clients[i].IsCompleted)
            {
                await clients[i];
                sum.Add(tallies[i]);
            }
            else
            {
                sum.Add(tallies[i]);
                sum.Fail("-", "unfinished");
            }
        }

        return sum;
    }

    private async Task ClientAsync(int number, BenchTally tally, CancellationToken cancellationToken)
    {
        try
        {
            // Reads should find something: all keys are written first, each by one client, as far as the warm-up lasts.
            for (var i = number; i < keys.Length && !IsAfter(plan.WarmUp); i += plan.Clients)
            {
                await OperateAsync(keys[i], isRead: false, tally, cancellationToken);
            }

            var dice = new BenchDice(plan.Seed, number);
            while (!IsAfter(plan.WarmUp + plan.Duration))
            {
                await OperateAsync(keys[dice.Next(keys.Length)], dice.NextPart() < plan.Read, tally, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ended early, or too late.
        }
    }

    private async Task OperateAsync(RedisKey key, bool isRead, BenchTally tally, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (start, shard) = (time.GetTimestamp(), "-");
        try
        {
            (var database, shard) = await target.RouteAsync(key, cancellationToken);
            var isHit = false;
            if (isRead)
            {
                isHit = !(await database.StringGetAsync(key)).IsNull;
            }
            else
            {
                await database.StringSetAsync(key, _value, plan.Expiry);
            }

            if (IsCounted)
            {
                tally.Record(shard, time.GetElapsedTime(start), isRead, isHit);
            }
        }
        catch (Exception e) when (e is RedisException or TimeoutException or RingKeeperException or ObjectDisposedException)
        {
            if (IsCounted)
            {
                tally.Fail(shard, KindOf(e));
            }

            await Task.Delay(AfterError, time, cancellationToken);
        }
    }

    // By its end: what a server held up since the warm-up is part of what it bears.
    private bool IsCounted => !_isOver && IsAfter(plan.WarmUp);

    private bool IsAfter(TimeSpan span) => time.GetElapsedTime(_start) >= span;

    private static string KindOf(Exception failure) => failure switch
    {
        TimeoutException => "timeout",
        RedisConnectionException => "connection",
        RedisServerException => failure.Message.Split(' ', 2)[0],
        NoShardAvailableException => "no shard available",
        ShardNotReadyException => "shard not ready",
        _ => failure.GetType().Name,
    };

    private static RedisValue ValueOf(BenchPlan plan)
    {
        var (bytes, dice) = (new byte[plan.ValueSize], new BenchDice(plan.Seed, -1));
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)dice.Next(256);
        }

        return bytes;
    }
}
