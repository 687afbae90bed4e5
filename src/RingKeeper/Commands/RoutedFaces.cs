using StackExchange.Redis;

namespace RingKeeper;

/// <summary>The faces of one connector, one a policy.</summary>
internal sealed class RoutedFaces(IShardRoutes routes)
{
    private readonly RoutedFace _failover = new(routes, RoutePolicy.Failover);
    private readonly RoutedFace _ownerOnly = new(routes, RoutePolicy.OwnerOnly);

    public RoutedFace Get(RoutePolicy policy) => policy switch
    {
        RoutePolicy.Failover => _failover,
        RoutePolicy.OwnerOnly => _ownerOnly,
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "Choose Failover or OwnerOnly."),
    };

    /// <summary>Each shard of the present view as a database of its own.</summary>
    public IReadOnlyList<IDatabase> GetShardDatabases()
    {
        var doors = OneShardRoutes.DoorsOf(routes);
        return [.. doors.Select(door => new RoutedFace(new OneShardRoutes(routes, door.Shard), RoutePolicy.OwnerOnly).Database)];
    }
}
