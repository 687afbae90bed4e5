using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>
/// The watches of one client: of some registers persistent ones, one-shots, or both on one path; and of most clients a recursive one of all registers, with markers. Where there is one, its events feed the
/// others too, so some clients go without.
/// </summary>
internal sealed class ProofWatcher : IAsyncDisposable
{
    private const int MarkersKept = 20;
    private static readonly TimeSpan MarkerPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);

    private readonly ProofClient _client;
    private readonly string _folder;
    private readonly Sightings _sightings;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<WatchSubscription> _subscriptions = [];
    private readonly List<WatchedEvent> _events = [];
    private readonly List<(string Path, long Czxid)> _markers = [];
    private readonly List<Task> _loops = [];
    private Task _marking = Task.CompletedTask;
    private int _marked;
    private (string Path, TaskCompletionSource Told)? _awaited;

    private ProofWatcher(ProofClient client, string folder, Sightings sightings)
    {
        (_client, _folder, _sightings) = (client, folder, sightings);
        IsRecursive = client.Number % 5 < 3;
    }

    public bool IsRecursive { get; }

    public string Name => $"client {_client.Number}";

    public IReadOnlyList<WatchedEvent> Events => _events;

    public IReadOnlyList<(string Path, long Czxid)> Markers => _markers;

    public int OneShots { get; private set; }

    public static async Task<ProofWatcher> StartAsync(ProofClient client, string folder, IReadOnlyList<string> registers, Sightings sightings)
    {
        var watcher = new ProofWatcher(client, folder, sightings);
        if (watcher.IsRecursive)
        {
            watcher.Follow(await watcher.SubscribeAsync(folder, WatchMode.PersistentRecursive), watcher.KeepAsync);
            watcher._marking = Task.Run(watcher.MarkAsync);
        }

        foreach (var (i, register) in registers.Index())
        {
            var kind = (i + client.Number) % 4;
            if (kind is 0 or 1)
            {
                var who = $"{watcher.Name}'s persistent watch";
                sightings.Expect(who, register);
                watcher.Follow(await watcher.SubscribeAsync(register, WatchMode.Persistent), change => watcher.ReadAsync(who, register, change));
                await watcher.ReadAsync(who, register, new WatchedEvent(WatchedEventType.Gap, register));
            }

            if (kind is 1 or 2)
            {
                sightings.Expect($"{watcher.Name}'s one-shot watch", register);
                watcher._loops.Add(Task.Run(() => watcher.WatchAgainAndAgainAsync(register)));
            }
        }

        return watcher;
    }

    /// <summary>When all is quiet: returns once everything up to now has been told.</summary>
    public async Task DrainAsync(TimeSpan bound)
    {
        await _stop.CancelAsync();
        await _marking;
        if (!IsRecursive)
        {
            return;
        }

        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var path = $"{_folder}/end-{_client.Number}";
        lock (_events)
        {
            _awaited = (path, told);
        }

        await _client.Client.CreateAsync(path, default);
        try
        {
            await told.Task.WaitAsync(bound, TimeProvider.System);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{Name}'s recursive watch is silently gone: it does not tell of {path}.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var subscription in _subscriptions)
        {
            await subscription.DisposeAsync();
        }

        await Task.WhenAll([_marking, .. _loops]);
        _stop.Dispose();
    }

    private async Task<WatchSubscription> SubscribeAsync(string path, WatchMode mode)
    {
        var subscription = await _client.Client.WatchAsync(path, mode);
        _subscriptions.Add(subscription);
        return subscription;
    }

    private void Follow(WatchSubscription subscription, Func<WatchedEvent, Task> heard) => _loops.Add(Task.Run(async () =>
    {
        await foreach (var change in subscription.ReadAllAsync())
        {
            await heard(change);
        }
    }));

    private Task KeepAsync(WatchedEvent change)
    {
        lock (_events)
        {
            _events.Add(change);
            if (_awaited is { } awaited && awaited.Path == change.Path)
            {
                awaited.Told.TrySetResult();
            }
        }

        return Task.CompletedTask;
    }

    // A read that fails for want of a connection is made up for by the gap that is told when there is one.
    private async Task ReadAsync(string who, string register, WatchedEvent change)
    {
        if (change.Type is WatchedEventType.NodeDataChanged or WatchedEventType.Gap && (await _client.ReadAsync(register)).State is { } state)
        {
            _sightings.Note(who, register, state.Mzxid);
        }
    }

    private async Task WatchAgainAndAgainAsync(string register)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var (value, changed) = await _client.AnsweredAsync(_client.Client.GetDataAndWatchAsync(register), "a watching read");
                OneShots++;
                lock (_client.Pending)
                {
                    _client.Pending[register] = (value.Stat.Mzxid, changed);
                }

                _sightings.Note($"{Name}'s one-shot watch", register, value.Stat.Mzxid);
                await changed.WaitAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ZooKeeperException)
            {
                await Task.Delay(RetryPause, TimeProvider.System);
            }
        }
    }

    private async Task MarkAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var path = $"{_folder}/marker-{_client.Number}-{++_marked:D5}";
            try
            {
                await _client.AnsweredAsync(_client.Client.CreateAsync(path, default), "the creation of a marker");
                if (await _client.AnsweredAsync(_client.Client.ExistsAsync(path), "a look at a marker") is { } stat)
                {
                    _markers.Add((path, stat.Czxid));
                }

                if (_marked > MarkersKept)
                {
                    await _client.Client.DeleteAsync($"{_folder}/marker-{_client.Number}-{_marked - MarkersKept:D5}");
                }
            }
            catch (ZooKeeperException)
            {
                // Of unknown zxid, or not there to be deleted: the next one.
            }

            await Task.Delay(MarkerPause, TimeProvider.System);
        }
    }
}
