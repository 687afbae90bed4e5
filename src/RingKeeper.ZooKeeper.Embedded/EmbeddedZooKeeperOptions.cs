using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Configures an embedded ZooKeeper server.</summary>
public sealed record EmbeddedZooKeeperOptions
{
    private readonly TimeSpan? _minSessionTimeout;

    /// <summary>Gets whether to listen on TCP (default: true). Without, the server opens no socket and is reached by its <see cref="EmbeddedZooKeeperServer.Transport"/> alone.</summary>
    public bool Listen { get; init; } = true;

    /// <summary>Gets the TCP port to listen on (default: 0, any free one, which stays the same over restarts).</summary>
    public int Port { get; init; }

    /// <summary>Gets the address to listen on (default: loopback). The server is for development and tests: keep it off a network that you do not trust.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Gets the granularity of session expiry (default: 200 ms): a session ends between one timeout and one timeout plus one tick after it was last heard.</summary>
    public TimeSpan TickTime { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Gets the shortest session timeout that is granted (default: 2 × <see cref="TickTime"/>).</summary>
    public TimeSpan MinSessionTimeout
    {
        get => _minSessionTimeout ?? 2 * TickTime;
        init => _minSessionTimeout = value;
    }

    /// <summary>Gets the longest session timeout that is granted (default: 40 s).</summary>
    public TimeSpan MaxSessionTimeout { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>Gets the clock that drives expiry and stamps znodes (default: the system's).</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets the largest request frame that is accepted, in bytes (default: 1,048,575, jute.maxbuffer of Apache ZooKeeper).</summary>
    public int MaxFrameLength { get; init; } = 1_048_575;

    /// <summary>Gets how many bytes of answers and events may wait for a client that does not read before its connection is dropped (default: 16 MiB).</summary>
    public int MaxUnsentBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Gets the version to behave as (default: 3.8).</summary>
    public EmulatedVersion EmulatedVersion { get; init; } = EmulatedVersion.V38;

    /// <summary>Gets whether znodes may have a time to live (default: true; the setting <c>extendedTypesEnabled</c> of Apache ZooKeeper, which is false there).</summary>
    public bool ExtendedTypesEnabled { get; init; } = true;

    /// <summary>Gets how often emptied containers and znodes past their time to live are looked for (default: 60 s, znode.container.checkIntervalMs of Apache ZooKeeper).</summary>
    public TimeSpan ContainerCheckInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Gets the digest of the user who may do everything, such as <c>super:D/InIHSb7yEEbrWz8b9l71RjZJU=</c> for the credentials super:test (default: none).
    /// </summary>
    public string? SuperDigest { get; init; }

    /// <summary>Gets whether clients may change the list of members by reconfig (default: false, as in Apache ZooKeeper).</summary>
    public bool ReconfigEnabled { get; init; }

    /// <summary>
    /// Gets the members that <c>/zookeeper/config</c> lists, such as <c>server.1=10.0.0.1:2888:3888:participant;0.0.0.0:2181</c> (default: none, a server
    /// that stands alone). They are told, not reached.
    /// </summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>Gets the log (default: none).</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    internal static void Validate(EmbeddedZooKeeperOptions options)
    {
        Require(options.Port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort, options.Port, "Port must be from 0 to 65535.");
        Require(options.TickTime >= TimeSpan.FromMilliseconds(1), options.TickTime, "TickTime must be at least 1 ms.");
        Require(options.MinSessionTimeout >= TimeSpan.FromMilliseconds(1), options.MinSessionTimeout, "MinSessionTimeout must be at least 1 ms.");
        Require(options.MaxSessionTimeout >= options.MinSessionTimeout, options.MaxSessionTimeout, "MaxSessionTimeout must not be less than MinSessionTimeout.");
        Require(options.MaxSessionTimeout.TotalMilliseconds <= int.MaxValue, options.MaxSessionTimeout, "MaxSessionTimeout must fit into 31 bits of milliseconds.");
        Require(options.MaxFrameLength >= 64, options.MaxFrameLength, "MaxFrameLength must be at least 64 bytes.");
        Require(Enum.IsDefined(options.EmulatedVersion), options.EmulatedVersion, "EmulatedVersion must be one of the versions.");
        Require(options.ContainerCheckInterval >= TimeSpan.FromMilliseconds(1), options.ContainerCheckInterval, "ContainerCheckInterval must be at least 1 ms.");
        Require(options.Members.Count == 0 || options.EmulatedVersion >= EmulatedVersion.V35, options.EmulatedVersion, "Members are known as of 3.5.");
        _ = EnsembleConfig.Parse(options.Members, version: 0);
        Require(options.MaxUnsentBytes >= 1, options.MaxUnsentBytes, "MaxUnsentBytes must be at least 1 byte.");

        void Require(bool holds, object actual, string rule)
        {
            if (!holds)
            {
                throw new ArgumentOutOfRangeException(nameof(options), actual, rule);
            }
        }
    }
}
