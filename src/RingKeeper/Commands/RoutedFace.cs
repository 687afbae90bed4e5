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

    // The same ring, of which the databases have another number.
    private RoutedFace(IShardRoutes routes, RoutedFace ring)
    {
        Routes = routes;
        Policy = ring.Policy;
        Multiplexer = ring.Multiplexer;
        Subscriber = ring.Subscriber;
        Server = ring.Server;
        Database = new RoutedDatabase(routes, ring.Policy, this);
    }

    public IShardRoutes Routes { get; }

    public RoutePolicy Policy { get; }

    public RoutedDatabase Database { get; }

    public RoutedMultiplexer Multiplexer { get; }

    public RoutedSubscriber Subscriber { get; }

    public RoutedServer Server { get; }

    /// <summary>The ring's databases of a number, or with a state for their tasks.</summary>
    public RoutedDatabase Numbered(int number, object? asyncState) => new RoutedFace(new NumberedRoutes(Routes, number, asyncState), this).Database;
}
