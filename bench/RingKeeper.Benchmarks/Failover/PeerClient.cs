using RingKeeper.Testing;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>StackExchange.Redis as a client of Sentinel or Redis Cluster, with the settings that RingKeeper gives its own connections.</summary>
internal static class PeerClient
{
    public const string Settings = "StackExchange.Redis: fail-fast backlog, heartbeat 100 ms, reconnect every 100 ms, timeouts 1 s, configuration checked every second";

    public static async Task<IConnectionMultiplexer> ConnectAsync(IEnumerable<int> ports, string? serviceName = null)
    {
        var options = new ConfigurationOptions
        {
            ServiceName = serviceName,
            AbortOnConnectFail = false,
            BacklogPolicy = BacklogPolicy.FailFast,
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
            ReconnectRetryPolicy = new LinearRetry(100),
            ConnectTimeout = 1000,
            AsyncTimeout = 1000,
            SyncTimeout = 1000,
            ConfigCheckSeconds = 1,
        };
        foreach (var port in ports)
        {
            options.EndPoints.Add("127.0.0.1", port);
        }

        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    /// <summary>Writes a key and reads it back, as the client of RingKeeper does.</summary>
    public static async Task<bool> TryRoundTripAsync(IConnectionMultiplexer client, string key)
    {
        try
        {
            var value = Guid.NewGuid().ToString();
            await client.GetDatabase().StringSetAsync(key, value);
            return await client.GetDatabase().StringGetAsync(key) == value;
        }
        catch (Exception e) when (RegisterWorkload.IsOutage(e))
        {
            return false;
        }
    }
}
