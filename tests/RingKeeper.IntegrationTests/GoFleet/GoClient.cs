using System.Globalization;
using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.GoFleet;

internal enum GoOutcome
{
    Served,
    NotReady,
    NotAvailable,
}

/// <summary>
/// A Go client: reads the topology once, follows the status as long as its version grows, routes by the inner addresses, and hands out the
/// serving shard's own Since.
/// </summary>
internal sealed class GoClient : IAsyncDisposable
{
    private readonly ZooKeeperClient _client;
    private readonly string _status;
    private readonly bool _failover;
    private readonly (uint Hash, Shard Shard)[] _points;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, GoStatus> _statuses = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private int _version = -1;

    private GoClient(ZooKeeperClient client, string name, bool failover, (uint Hash, Shard Shard)[] points)
    {
        _client = client;
        _status = $"/goreclusters/{name}/status";
        _failover = failover;
        _points = points;
    }

    public static async Task<GoClient> ConnectAsync(string servers, string name)
    {
        var client = await ZooKeeperClient.ConnectAsync(servers, Cancel.Soon);
        var shards = GoJson.ParseShards((await client.GetDataAsync($"/goreclusters/{name}/shards", Cancel.Soon)).Data);
        var (failover, type, parameters) = GoJson.ParseOptions((await client.GetDataAsync($"/goreclusters/{name}/options", Cancel.Soon)).Data);
        if (!string.Equals(type, "consistent", StringComparison.OrdinalIgnoreCase))
        {
            await client.DisposeAsync();
            throw new NotSupportedException("Failed to build a hash ring.");
        }

        var count = int.TryParse(parameters, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var points) ? points : shards.Count;
        var ring = shards.SelectMany(s => Enumerable.Range(0, count).Select(j => (Hash: Crc32(Encoding.UTF8.GetBytes($"{j}{s.Name}")), Shard: s)))
            .GroupBy(p => p.Hash).Select(g => (g.Key, g.Last().Shard)).OrderBy(p => p.Key).ToArray();
        var started = new GoClient(client, name, failover, ring);
        started._running = started.FollowAsync();
        return started;
    }

    /// <summary>Where a key goes now.</summary>
    public (GoOutcome Outcome, string Addr, long Since) Connect(string key)
    {
        var hash = Crc32(Encoding.UTF8.GetBytes(key));
        var start = Array.FindIndex(_points, p => p.Hash >= hash);
        lock (_gate)
        {
            for (var i = 0; i < _points.Length; i++)
            {
                var shard = _points[(Math.Max(start, 0) + i) % _points.Length].Shard;
                if (!_statuses.TryGetValue(shard.Addr, out var status))
                {
                    return (GoOutcome.NotReady, shard.Addr, 0);
                }

                if (status.Alive)
                {
                    return (GoOutcome.Served, shard.Addr, status.Since);
                }

                if (!_failover)
                {
                    break;
                }
            }
        }

        return (GoOutcome.NotAvailable, "", 0);
    }

    /// <summary>Waits until a key goes where it should.</summary>
    public async Task WaitAsync(string key, Func<(GoOutcome Outcome, string Addr, long Since), bool> isAsWanted)
    {
        while (true)
        {
            Task next;
            lock (_gate)
            {
                next = _changed.Task;
            }

            if (isAsWanted(Connect(key)))
            {
                return;
            }

            await Task.WhenAny(next, _running).WaitAsync(Cancel.Soon);
            if (_running.IsCompleted)
            {
                await _running;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _client.DisposeAsync();
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        while (true)
        {
            var (stat, changed) = await _client.ExistsAndWatchAsync(_status, _stop.Token);
            if (stat is not null)
            {
                var (data, read) = await _client.GetDataAsync(_status, _stop.Token);
                Take(data, read.Version);
            }

            await changed.WaitAsync(_stop.Token);
        }
    }

    private void Take(byte[] data, int version)
    {
        lock (_gate)
        {
            // Versions at or below the last one seen are taken for old; what cannot be parsed is skipped.
            if (version <= _version || GoJson.TryParseStatuses(data) is not { } statuses)
            {
                return;
            }

            _version = version;
            foreach (var status in statuses.Values)
            {
                _statuses[status.Addr] = status;
            }

            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0xEDB88320u);
            }
        }

        return ~crc;
    }
}
