using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RingKeeper;

/// <summary>How a <see cref="CacheBackplane"/> behaves.</summary>
public sealed record CacheBackplaneOptions
{
    /// <summary>Gets the channel; processes that share a near cache's contents use the same (default: <c>ringkeeper:cache</c>).</summary>
    public string Channel { get; init; } = "ringkeeper:cache";

    /// <summary>Gets how far keys may move from their owners; a notice goes over the shard that serves its key (default: <see cref="RoutePolicy.Failover"/>).</summary>
    public RoutePolicy RoutePolicy { get; init; }

    /// <summary>Gets how often each subscription is checked, as far as no event tells of its loss (default: 5 s).</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets how long a subscription may take to prove itself, and the time between two <see cref="CacheNoticeKind.Gap"/>s while a shard that may serve is not heard (default: 1 s).
    /// </summary>
    public TimeSpan DeafInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the source of time (default: the system's).</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets what receives what happens (default: nobody).</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
