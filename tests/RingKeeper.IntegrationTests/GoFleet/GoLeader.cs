using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>
/// A Go checker's part as the leader, from the moment it is first: counts once, and again whenever the parent's data is set, for no other
/// reason and for ever, though its node be gone. No quorum: each vote that holds a key adds or takes one. It overwrites the status unseen.
/// </summary>
internal sealed class GoLeader : IAsyncDisposable
{
    private readonly ZooKeeperClient _client;
    private readonly string _cluster;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly Lock _gate = new();
    private TaskCompletionSource _counted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _counts;
    private int _writes;

    private GoLeader(GoVoter voter, string name)
    {
        _client = voter.Client;
        _cluster = $"/goreclusters/{name}";
        _running = RunAsync(voter.Node);
    }

    public int Writes => Volatile.Read(ref _writes);

    public static async Task<GoLeader> StartAsync(GoVoter voter, string name)
    {
        var leader = new GoLeader(voter, name);
        await leader.WhenCountedAsync(1);
        return leader;
    }

    /// <summary>Completes once it has counted so many times.</summary>
    public async Task WhenCountedAsync(int counts)
    {
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (_counts >= counts)
                {
                    return;
                }

                next = _counted.Task;
            }

            await Task.WhenAny(next, _running).WaitAsync(Cancel.Soon);
            if (_running.IsFaulted)
            {
                await _running;
            }
        }
    }

    public int Counts
    {
        get
        {
            lock (_gate)
            {
                return _counts;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(string own)
    {
        while (true)
        {
            var (children, changed) = await _client.GetChildrenAndWatchAsync($"{_cluster}/localstatus", _stop.Token);
            if (children.Names.Order(StringComparer.Ordinal).First() == own)
            {
                break;
            }

            await changed.WaitAsync(_stop.Token);
        }

        while (true)
        {
            var (_, set) = await _client.ExistsAndWatchAsync($"{_cluster}/localstatus", _stop.Token);
            await CountAsync();
            await set.WaitAsync(_stop.Token);
        }
    }

    private async Task CountAsync()
    {
        var exists = await _client.ExistsAsync($"{_cluster}/status", _stop.Token) is not null;
        var status = exists ? GoJson.TryParseStatuses((await _client.GetDataAsync($"{_cluster}/status", _stop.Token)).Data)! : [];
        var sums = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var child in (await _client.GetChildrenAsync($"{_cluster}/localstatus", _stop.Token)).Names)
        {
            foreach (var (key, entry) in await VoteOfAsync(child))
            {
                sums[key] = sums.GetValueOrDefault(key) + (entry.Alive ? 1 : -1);
            }
        }

        var changed = false;
        foreach (var (key, sum) in sums)
        {
            if (sum != 0 && (!status.TryGetValue(key, out var present) || present.Alive != sum > 0))
            {
                status[key] = new GoStatus(key, sum > 0, GoJson.Now());
                changed = true;
            }
        }

        if (changed)
        {
            await WriteAsync(exists, GoJson.Statuses(status));
        }

        lock (_gate)
        {
            _counts++;
            _counted.TrySetResult();
            _counted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task WriteAsync(bool exists, byte[] status)
    {
        if (exists)
        {
            await _client.SetDataAsync($"{_cluster}/status", status, -1, _stop.Token);
        }
        else
        {
            await _client.CreateAsync($"{_cluster}/status", status, cancellationToken: _stop.Token);
        }

        Interlocked.Increment(ref _writes);
    }

    private async Task<Dictionary<string, GoStatus>> VoteOfAsync(string child)
    {
        try
        {
            return GoJson.TryParseStatuses((await _client.GetDataAsync($"{_cluster}/localstatus/{child}", _stop.Token)).Data) ?? [];
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return [];
        }
    }
}
