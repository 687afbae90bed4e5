using System.Collections.Immutable;
using System.Text.Json;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>
/// Reads every state of the status znode, told by a persistent watch, with a reader of its own. A state that was overwritten before it was
/// read shows all the same: the next one has stamps that are new though nothing flipped.
/// </summary>
internal sealed class StatusHistory : IAsyncDisposable
{
    private readonly ZooKeeperClient _client;
    private readonly string _path;
    private readonly WatchSubscription _watch;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly long _start;
    private readonly Task _reading;

    // Both under the lock of the list.
    private readonly List<StatusChange> _states = [];
    private readonly List<(Func<StatusChange, bool> IsWanted, TaskCompletionSource<StatusChange> Reached)> _waiters = [];

    private StatusHistory(ZooKeeperClient client, string path, WatchSubscription watch)
    {
        _client = client;
        _path = path;
        _watch = watch;
        _start = _time.GetTimestamp();
        _reading = ReadAsync();
    }

    public TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>How many states were seen.</summary>
    public int Count
    {
        get
        {
            lock (_states)
            {
                return _states.Count;
            }
        }
    }

    /// <summary>The largest stamp that was seen.</summary>
    public long LargestStamp
    {
        get
        {
            lock (_states)
            {
                return _states[^1].Status.Values.Max(s => s.Since);
            }
        }
    }

    public static async Task<StatusHistory> OpenAsync(ClusterStack stack)
    {
        var client = await ZooKeeperClient.ConnectAsync(stack.ZKServers, Cancel.Soon);
        var path = ZKPaths.Status(stack.Name);
        var history = new StatusHistory(client, path, await client.WatchAsync(path, WatchMode.Persistent, Cancel.Soon));
        await history.CatchUpAsync();
        return history;
    }

    /// <summary>Returns the next state, from now on, that is as wanted.</summary>
    public Task<StatusChange> WhenAsync(Func<StatusChange, bool> isWanted)
    {
        lock (_states)
        {
            var reached = new TaskCompletionSource<StatusChange>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((isWanted, reached));
            return reached.Task;
        }
    }

    /// <summary>Returns once the newest state that ZooKeeper has is among those seen.</summary>
    public async Task CatchUpAsync()
    {
        await _client.SyncAsync(_path, Cancel.Soon);
        Take(await _client.GetDataAsync(_path, Cancel.Soon));
    }

    /// <summary>What the states after the first so many did, one after the other.</summary>
    public IReadOnlyList<StatusEvent> EventsAfter(int count)
    {
        lock (_states)
        {
            return [.. _states.Skip(count).SelectMany((state, i) => state.Since(count + i == 0 ? StatusChange.None : _states[count + i - 1]))];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await _reading;
        await _client.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        await foreach (var _ in _watch.ReadAllAsync())
        {
            try
            {
                Take(await _client.GetDataAsync(_path, Cancel.Soon));
            }
            catch (ZooKeeperException e) when (e.Code is ZooKeeperErrorCode.ConnectionLoss or ZooKeeperErrorCode.SessionExpired)
            {
                // A gap is told once the connection is back.
            }
        }
    }

    private void Take(NodeData node)
    {
        var statuses = JsonSerializer.Deserialize<Dictionary<string, ShardStatus>>(node.Data)!;
        lock (_states)
        {
            // Another server of the ensemble may be behind the one that was read last.
            if (_states.Count > 0 && _states[^1].Mzxid >= node.Stat.Mzxid)
            {
                return;
            }

            var state = new StatusChange(Now, node.Stat.Mzxid, statuses.ToImmutableSortedDictionary(StringComparer.Ordinal));
            _states.Add(state);
            _waiters.RemoveAll(w => w.IsWanted(state) && w.Reached.TrySetResult(state));
        }
    }
}
