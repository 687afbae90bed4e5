using System.Collections.Immutable;
using System.Text.Json;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>Follows the votes of all checkers: who stands in line, what they say, and how often one said nothing of a shard any more.</summary>
internal sealed class VoteHistory : IAsyncDisposable
{
    private readonly ZooKeeperClient _client;
    private readonly string _cluster;
    private readonly WatchSubscription _watch;
    private readonly Task _reading;

    // All under the lock of the list.
    private readonly List<(Func<VoteLine, bool> IsWanted, TaskCompletionSource<VoteLine> Reached)> _waiters = [];
    private VoteLine _line = VoteLine.Empty;
    private int _abstentions;
    private int _deaths;

    private VoteHistory(ZooKeeperClient client, string cluster, WatchSubscription watch)
    {
        _client = client;
        _cluster = cluster;
        _watch = watch;
        _reading = ReadAsync();
    }

    /// <summary>How often a verdict was withdrawn by a checker that stayed in line, and how often one said dead that had not, since the start.</summary>
    public (int Abstentions, int Deaths) Counts
    {
        get
        {
            lock (_waiters)
            {
                return (_abstentions, _deaths);
            }
        }
    }

    public static async Task<VoteHistory> OpenAsync(ClusterStack stack)
    {
        var client = await ZooKeeperClient.ConnectAsync(stack.ZKServers, Cancel.Soon);
        return new VoteHistory(client, stack.Name, await client.WatchAsync(ZKPaths.LocalStatus(stack.Name), WatchMode.PersistentRecursive, Cancel.Soon));
    }

    /// <summary>Returns the line once it is as wanted, now or later.</summary>
    public async Task<VoteLine> WhenAsync(string what, Func<VoteLine, bool> isWanted)
    {
        var reached = new TaskCompletionSource<VoteLine>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiters)
        {
            if (isWanted(_line))
            {
                return _line;
            }

            _waiters.Add((isWanted, reached));
        }

        try
        {
            return await reached.Task.WaitAsync(Cancel.Soon);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"The votes never were as wanted ({what}); they are {_line}.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await _reading;
        await _client.DisposeAsync();
    }

    // Everything is read at each event, also at the one that tells that events were missed. The first says that the watch is set.
    private async Task ReadAsync()
    {
        await TryReadAsync();
        await foreach (var _ in _watch.ReadAllAsync())
        {
            await TryReadAsync();
        }
    }

    private async Task TryReadAsync()
    {
        try
        {
            Take(await ReadLineAsync());
        }
        catch (ZooKeeperException e) when (e.Code is ZooKeeperErrorCode.ConnectionLoss or ZooKeeperErrorCode.SessionExpired)
        {
            // A gap is told once the connection is back.
        }
    }

    private async Task<VoteLine> ReadLineAsync()
    {
        var votes = ImmutableSortedDictionary.CreateBuilder<string, ImmutableSortedDictionary<string, bool>>(StringComparer.Ordinal);
        foreach (var node in (await _client.GetChildrenAsync(ZKPaths.LocalStatus(_cluster), Cancel.Soon)).Names)
        {
            try
            {
                var (data, _) = await _client.GetDataAsync(ZKPaths.Vote(_cluster, node), Cancel.Soon);
                votes[node] = JsonSerializer.Deserialize<Dictionary<string, ShardStatus>>(data)!.ToImmutableSortedDictionary(v => v.Key, v => v.Value.Alive, StringComparer.Ordinal);
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
            {
                // Gone between the list and the read; an event follows.
            }
        }

        return new VoteLine(votes.ToImmutable());
    }

    private void Take(VoteLine line)
    {
        lock (_waiters)
        {
            foreach (var (node, vote) in line.Votes)
            {
                if (_line.Votes.GetValueOrDefault(node) is { } before)
                {
                    _abstentions += before.Keys.Count(addr => !vote.ContainsKey(addr));
                    _deaths += vote.Count(v => !v.Value && before.GetValueOrDefault(v.Key, defaultValue: true));
                }
            }

            _line = line;
            _waiters.RemoveAll(w => w.IsWanted(line) && w.Reached.TrySetResult(line));
        }
    }
}
