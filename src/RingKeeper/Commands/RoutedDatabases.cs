using StackExchange.Redis;

namespace RingKeeper;

/// <summary>The routing databases of one connector, one a policy.</summary>
internal sealed class RoutedDatabases(IShardRoutes routes)
{
    private readonly RoutedDatabase _failover = new(routes, RoutePolicy.Failover);
    private readonly RoutedDatabase _ownerOnly = new(routes, RoutePolicy.OwnerOnly);

    public IDatabase Get(RoutePolicy policy) => policy switch
    {
        RoutePolicy.Failover => _failover,
        RoutePolicy.OwnerOnly => _ownerOnly,
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "Choose Failover or OwnerOnly."),
    };
}
