using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// Probes a shard by PING, and by writing a key of its own and reading it back: a shard that answers but takes no writes, since its disk or memory is
/// full, or since it is a replica, is <see cref="ProbeOutcome.Unwritable"/>. Use it in <see cref="LocalCheckerOptions.CreateProbe"/> where every shard must take
/// writes. The key is <c>ringkeeper:probe:</c> and 32 random digits in database 0, and expires after 10 s. The user needs
/// <c>+ping +info +set +get ~ringkeeper:probe:*</c>. Replicas and the append-only file get every write.
/// </summary>
public sealed class WriteProbe : IShardProbe
{
    /// <summary>What the name of every key that such a probe writes starts with.</summary>
    public const string KeyPrefix = "ringkeeper:probe:";

    private readonly PingProbe _probe;

    /// <summary>Creates a probe; it connects when it first probes.</summary>
    /// <param name="addr">The shard's address.</param>
    /// <param name="configureRedis">Sets user, password and TLS of its connection (default: null).</param>
    /// <exception cref="RingKeeperException">The address cannot be read.</exception>
    public WriteProbe(string addr, Action<ConfigurationOptions>? configureRedis = null)
    {
        ArgumentNullException.ThrowIfNull(addr);
        var own = Guid.NewGuid().ToString("N");
        _probe = new PingProbe(addr, configureRedis, new WriteCheck(KeyPrefix + own, own));
    }

    /// <inheritdoc/>
    public ValueTask<ProbeResult> ProbeAsync(CancellationToken cancellationToken) => _probe.ProbeAsync(cancellationToken);

    /// <inheritdoc/>
    public Task WaitForDisturbanceAsync(CancellationToken cancellationToken) => _probe.WaitForDisturbanceAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _probe.DisposeAsync();
}
