using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Dashboard;

/// <summary>
/// Follows one cluster: gives its state as it is now, and each that replaces it, ten a second at most. What goes wrong is told in the state, and tried again.
/// Safe for concurrent use.
/// </summary>
internal sealed class DashboardFeed : IAsyncDisposable
{
    /// <summary>How long somebody who has looked counts as looking.</summary>
    public static readonly TimeSpan Attention = TimeSpan.FromMinutes(1);

    /// <summary>The least time between two states.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly FeedSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StateBuilder _builder;
    private readonly ShardFactsWatch _facts;
    private readonly CancellationTokenSource _ended = new();
    private readonly Channel<bool> _pulse = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // Guards all below.
    private readonly Lock _gate = new();
    private readonly RoundTripHistory _trips;
    private FleetNews _news = new(null, [], null);
    private Timeline _timeline = Timeline.Empty;
    private (long Newest, long Heard)? _votes;
    private TimeSpan _zooKeeperAhead;
    private long? _looked;
    private int _streams;
    private int _reserved;
    private long _serial;
    private DashboardState? _latest;
    private TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _running;
    private Task? _ending;

    public DashboardFeed(FeedSource source, TimeProvider time, ILogger logger)
    {
        (_source, _time, _logger) = (source, time, logger);
        _builder = new StateBuilder(source.Id, time);
        _trips = new RoundTripHistory(time);
        _facts = new ShardFactsWatch(source.Cluster, source.Ask, time, Pulse);
    }

    /// <summary>The name by which the dashboard knows the cluster.</summary>
    public string Id => _source.Id;

    /// <summary>The live streams that are open.</summary>
    public int Streams
    {
        get
        {
            lock (_gate)
            {
                return _streams;
            }
        }
    }

    /// <summary>Starts to follow, once.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_ending is null)
            {
                _running ??= Task.WhenAll(FollowAsync(_ended.Token), FollowViewsAsync(_ended.Token), TickAsync(_ended.Token), PublishAsync(_ended.Token));
            }
        }
    }

    /// <summary>Takes one of so many places for a live stream; false where none is left.</summary>
    public bool TryReserve(int places)
    {
        lock (_gate)
        {
            var isFree = _reserved < places;
            _reserved += isFree ? 1 : 0;
            return isFree;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _reserved--;
        }
    }

    /// <summary>Notes that somebody looks, for a minute.</summary>
    public void Look()
    {
        lock (_gate)
        {
            _looked = _time.GetTimestamp();
        }

        AskShards();
    }

    /// <summary>Puts together the state as it is now.</summary>
    public DashboardState Read()
    {
        var (reading, session) = _source.Read();
        lock (_gate)
        {
            var since = _votes is { } votes ? _time.GetElapsedTime(votes.Heard) : (TimeSpan?)null;
            var tolerance = _news.Fleet is { } fleet ? ToleranceOf(fleet) : TimeSpan.Zero;
            return _builder.Build(_news, new ProcessKnowledge(reading, _news.Trouble, since, _zooKeeperAhead, [], tolerance), session, _timeline, _trips, _facts.Of) with { Serial = ++_serial };
        }
    }

    /// <summary>Gives the state as it is now, then each that replaces it; a slow reader gets the latest. Ends with the feed.</summary>
    public async IAsyncEnumerable<DashboardState> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _streams++;
        }

        try
        {
            AskShards();
            var told = Read();
            yield return told;
            Pulse();
            while (true)
            {
                DashboardState? latest;
                Task replaced;
                lock (_gate)
                {
                    (latest, replaced) = (_latest, _replaced.Task);
                }

                if (latest?.Serial > told.Serial)
                {
                    yield return told = latest;
                }

                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
                await replaced.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
                if (_ended.IsCancellationRequested)
                {
                    yield break;
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _streams--;
            }
        }
    }

    /// <summary>Ends following and all streams.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return new ValueTask(_ending ??= EndAsync(_running ?? Task.CompletedTask));
        }
    }

    private async Task EndAsync(Task running)
    {
        // Who waits for the end goes on outside of the lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _ended.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _facts.DisposeAsync().ConfigureAwait(false);
    }

    private static TimeSpan ToleranceOf(Fleet fleet) => CopyRules.Of(fleet.Cluster.Options).ClockTolerance;

    private void Pulse() => _pulse.Writer.TryWrite(true);

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (_source.News(cancellationToken) is { } stream)
                {
                    await foreach (var news in stream.ConfigureAwait(false))
                    {
                        Hear(news);
                    }

                    Tell("the ZooKeeper client is closed");
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is ZooKeeperException or RingKeeperException)
            {
                Tell(e.Message);
            }
#pragma warning disable CA1031 // A page that stands still at night without a word is worse than any fault.
            catch (Exception e)
#pragma warning restore CA1031
            {
                DashboardLog.FeedFault(_logger, Id, e);
                Tell($"an unexpected fault ({e.GetType().Name}); the log tells more");
            }

            await Task.Delay(Tick, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task FollowViewsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in _source.Views(cancellationToken).ConfigureAwait(false))
            {
                Pulse();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The feed ended.
        }
    }

    // Ages grow, and servers are asked, while somebody looks.
    private async Task TickAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                AskShards();
                Pulse();
            }
        }
        catch (OperationCanceledException)
        {
            // The feed ended.
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in _pulse.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(TryPublish() ? Pace : Tick, _time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The feed ended.
        }
    }

    // One state that cannot be put together must not be the last: the next is tried after a longer pause, and the pages tell meanwhile that they hear nothing.
    private bool TryPublish()
    {
        try
        {
            if (Streams > 0)
            {
                Publish(Read());
            }

            return true;
        }
#pragma warning disable CA1031 // As above: nobody would hear why this loop ended.
        catch (Exception e)
#pragma warning restore CA1031
        {
            DashboardLog.FeedFault(_logger, Id, e);
            return false;
        }
    }

    private void Publish(DashboardState state)
    {
        TaskCompletionSource replaced;
        lock (_gate)
        {
            _latest = state;
            replaced = _replaced;
            _replaced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        replaced.SetResult();
    }

    private void AskShards()
    {
        Fleet? fleet;
        lock (_gate)
        {
            var isWatched = _streams > 0 || (_looked is { } looked && _time.GetElapsedTime(looked) < Attention);
            fleet = isWatched ? _news.Fleet : null;
        }

        if (fleet is not null)
        {
            _facts.Ask(fleet.Cluster.Shards, ToleranceOf(fleet));
        }
    }

    private void Hear(FleetNews news)
    {
        string? before;
        lock (_gate)
        {
            before = _news.Trouble;
            if (news is { Fleet: { } fleet, Trouble: null })
            {
                _timeline = _news.Fleet is { } earlier ? _timeline.Then(earlier, fleet, Stamps.Now(_time)) : Timeline.Of(fleet);
                _trips.Hear(fleet);
                HearVotes(fleet, isFirst: _news.Fleet is null);
            }

            _news = news;
        }

        NoteTrouble(before, news.Trouble);
        AskShards();
        Pulse();
    }

    // The mtime of a vote is ZooKeeper's clock: it was heard after that. So one from the future tells that ZooKeeper's clock is ahead; how far behind it is, only one who writes can tell.
    private void HearVotes(Fleet fleet, bool isFirst)
    {
        var votes = fleet.Nodes.Votes.Where(static vote => vote.Kind == VoterKind.RingKeeper).ToList();
        if (votes.Count == 0)
        {
            _votes = null;
            return;
        }

        var newest = votes.MaxBy(static vote => vote.Mzxid)!;
        if (_votes?.Newest != newest.Mzxid)
        {
            _votes = (newest.Mzxid, _time.GetTimestamp());
            _zooKeeperAhead = isFirst ? TimeSpan.Zero : DateTimeOffset.FromUnixTimeMilliseconds(newest.Mtime) - _time.GetUtcNow();
        }
    }

    private void Tell(string trouble)
    {
        string? before;
        lock (_gate)
        {
            before = _news.Trouble;
            _news = _news with { Trouble = trouble };
        }

        NoteTrouble(before, trouble);
        Pulse();
    }

    private void NoteTrouble(string? before, string? now)
    {
        if (now is not null && now != before)
        {
            DashboardLog.ShowsOld(_logger, Id, now);
        }
        else if (now is null && before is not null)
        {
            DashboardLog.ShowsPresent(_logger, Id);
        }
    }
}
