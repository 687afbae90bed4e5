using System.Net;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Configuration;

/// <summary>What a configuration file says; null is what it leaves out. Options and environment variables come before it.</summary>
internal sealed record CliConfiguration
{
    /// <summary>What there is without a file.</summary>
    public static CliConfiguration None { get; } = new();

    public string? ZooKeeperServers { get; init; }

    /// <summary>Digest credentials, <c>user:password</c>. Never printed.</summary>
    public string? ZooKeeperDigest { get; init; }

    public ZooKeeperTlsOptions? ZooKeeperTls { get; init; }

    /// <summary>The identity to prove by SASL. Never printed.</summary>
    public ZooKeeperSaslOptions? ZooKeeperSasl { get; init; }

    public TimeSpan? SessionTimeout { get; init; }

    public RedisSettings? Redis { get; init; }

    public string? Cluster { get; init; }

    public TimeSpan? Interval { get; init; }

    public TimeSpan? Threshold { get; init; }

    public int? WorkerCount { get; init; }

    public IPEndPoint? Http { get; init; }

    public string? CheckerId { get; init; }

    public LogLevel? LogLevel { get; init; }

    public LogFormat? LogFormat { get; init; }

    /// <summary>Whether the file must be kept from others.</summary>
    public bool HasSecrets => ZooKeeperDigest is not null || ZooKeeperSasl is DigestMd5SaslOptions || ZooKeeperTls is { KeyPassword: not null } || Redis is { HasPassword: true };

    /// <summary>Tells nothing of what the file holds.</summary>
    public override string ToString() => HasSecrets ? "settings with credentials" : "settings without credentials";
}
