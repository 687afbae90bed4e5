using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>The one place where a container's options become those of clusters, checkers and their connections.</summary>
internal sealed class OptionsMap(IOptionsMonitor<RingKeeperOptions> monitor, ILoggerFactory loggers, TimeProvider time)
{
    /// <summary>The options of a registered cluster.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong with them; the message names all of it.</exception>
    public RingKeeperOptions Read(string name) => monitor.Get(name);

    public ILogger ClusterLogger { get; } = loggers.CreateLogger("RingKeeper.Cluster");

    public ZKConnectorOptions ToConnector(string name)
    {
        var options = Read(name);
        return new ZKConnectorOptions
        {
            ZKServers = options.ZKServers!,
            ZKTimeout = options.ZKTimeout,
            StartTimeout = options.StartTimeout,
            DigestCredentials = NoneIfEmpty(options.DigestCredentials),
            Tls = options.ZKTls.ToOptions(),
            Sasl = options.ZKSasl.ToOptions(),
            TimeProvider = time,
            LoggerFactory = loggers,
        };
    }

    public ClusterOptions ToCluster(string name)
    {
        var options = Read(name);
        return new ClusterOptions
        {
            ReadyTimeout = options.ReadyTimeout,
            ConnectTimeout = options.ConnectTimeout,
            DrainTimeout = options.DrainTimeout,
            StaleViewAfter = options.StaleViewAfter,
            StaleViewPolicy = options.StaleViewPolicy,
            SnapshotFile = NoneIfEmpty(options.SnapshotFile),
            TrustSnapshot = options.TrustSnapshot,
            ConfigureRedis = Combine(name, options, options.Redis, nameof(options.Redis), options.ConfigureRedis),
            TimeProvider = time,
            Logger = ClusterLogger,
        };
    }

    public ZKCheckerOptions ToChecker(string name)
    {
        var options = Read(name);
        var (connector, checker) = (ToConnector(name), options.Checker);
        var own = !string.IsNullOrEmpty(checker.Redis) || checker.ConfigureRedis is not null;
        return new ZKCheckerOptions
        {
            ZKServers = connector.ZKServers,
            ZKTimeout = connector.ZKTimeout,
            StartTimeout = connector.StartTimeout,
            DigestCredentials = connector.DigestCredentials,
            Tls = connector.Tls,
            Sasl = connector.Sasl,
            TimeProvider = connector.TimeProvider,
            LoggerFactory = connector.LoggerFactory,
            ClusterName = options.ClusterName!,
            Interval = checker.Interval,
            Threshold = checker.Threshold,
            WorkerCount = checker.WorkerCount,
            RecountInterval = checker.RecountInterval,
            CheckerId = NoneIfEmpty(checker.Id),
            ConfigureRedis = own
                ? Combine(name, options, checker.Redis, $"Checker:{nameof(checker.Redis)}", checker.ConfigureRedis)
                : Combine(name, options, options.Redis, nameof(options.Redis), options.ConfigureRedis),
        };
    }

    private static Action<ConfigurationOptions> Combine(string name, RingKeeperOptions options, string? text, string setting, Action<ConfigurationOptions>? code) =>
        RedisSettings.Parse(text, SettingName.Of(name, options, setting)).Apply + code;

    private static string? NoneIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
