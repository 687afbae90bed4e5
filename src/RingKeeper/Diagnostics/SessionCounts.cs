using System.Diagnostics.Metrics;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Counts the states that a ZooKeeper session enters, as one client or checker hears of them. Used by one feed of the session alone.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="role">Who uses the session: <c>client</c> or <c>checker</c>.</param>
internal sealed class SessionCounts(string cluster, string role)
{
    private static readonly Counter<long> Changes = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.zookeeper.session.state_changes", "{change}", "States that the ZooKeeper sessions of clients and checkers entered.");

    private SessionState? _last;

    /// <summary>Hears of the session; the same state again is no change.</summary>
    public void Hear(SessionState state)
    {
        if (state == _last)
        {
            return;
        }

        _last = state;
        RingKeeperTelemetry.Add(Changes, 1, new(RingKeeperTelemetry.ClusterTag, cluster), new("ringkeeper.zookeeper.state", ZooKeeperTelemetry.NameOf(state)), new("ringkeeper.role", role));
    }
}
