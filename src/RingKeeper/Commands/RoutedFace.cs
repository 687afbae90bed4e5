namespace RingKeeper;

/// <summary>A ring under one policy, as each of the library's interfaces.</summary>
internal sealed class RoutedFace
{
    public RoutedFace(IShardRoutes routes, RoutePolicy policy)
    {
        Routes = routes;
        Policy = policy;
        Database = new RoutedDatabase(routes, policy, this);
        Multiplexer = new RoutedMultiplexer(this);
        Subscriber = new RoutedSubscriber(this);
        Server = new RoutedServer(this);
    }

    public IShardRoutes Routes { get; }

    public RoutePolicy Policy { get; }

    public RoutedDatabase Database { get; }

    public RoutedMultiplexer Multiplexer { get; }

    public RoutedSubscriber Subscriber { get; }

    public RoutedServer Server { get; }
}
