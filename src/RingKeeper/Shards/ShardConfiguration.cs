using StackExchange.Redis;

namespace RingKeeper;

/// <summary>The settings that make a dead shard an error at once and not a wait.</summary>
internal static class ShardConfiguration
{
    private const int ReconnectMilliseconds = 100;
    private const int OperationTimeoutMilliseconds = 1000;

    /// <summary>Makes the settings of the connection to one shard.</summary>
    /// <param name="addr">The shard's address.</param>
    /// <param name="options">The options.</param>
    /// <param name="beforeConnect">Called before each socket of commands is connected, so before anything can be sent over it; null for none.</param>
    /// <exception cref="RingKeeperException">The address cannot be read.</exception>
    public static ConfigurationOptions Create(string addr, ClusterOptions options, Action? beforeConnect = null)
    {
        var endPoint = ShardAddress.Parse(addr);
        var configuration = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            BacklogPolicy = BacklogPolicy.FailFast,
            HeartbeatInterval = TimeSpan.FromMilliseconds(ReconnectMilliseconds),
            ReconnectRetryPolicy = new LinearRetry(ReconnectMilliseconds),
            ConnectTimeout = (int)Math.Ceiling(options.ConnectTimeout.TotalMilliseconds),
            AsyncTimeout = OperationTimeoutMilliseconds,
            SyncTimeout = OperationTimeoutMilliseconds,

            // One server stands alone here: nothing to elect, no channel to hear of a new primary.
            TieBreaker = "",
            ConfigurationChannel = "",
        };
        options.ConfigureRedis?.Invoke(configuration);
        configuration.EndPoints.Clear();
        configuration.EndPoints.Add(endPoint);
        if (beforeConnect is not null)
        {
            var users = configuration.BeforeSocketConnect;
            configuration.BeforeSocketConnect = (endPoint, type, socket) =>
            {
                if (type == ConnectionType.Interactive)
                {
                    beforeConnect();
                }

                users?.Invoke(endPoint, type, socket);
            };
        }

        return configuration;
    }

    /// <summary>Opens the connection; a shard that is away leaves it to the reconnect.</summary>
    public static async Task<IConnectionMultiplexer> OpenAsync(string addr, ClusterOptions options, Action? beforeConnect = null) =>
        await ConnectionMultiplexer.ConnectAsync(Create(addr, options, beforeConnect)).ConfigureAwait(false);
}
