namespace RingKeeper;

/// <summary>A ring under one policy, as each of the library's interfaces.</summary>
internal sealed class RoutedFace
{
    /// <summary>Makes a face.</summary>
    /// <param name="routes">The ring.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="of">The face of which this one has other databases: what is no database is the same (default: none).</param>
    public RoutedFace(IShardRoutes routes, RoutePolicy policy, RoutedFace? of = null)
    {
        Routes = routes;
        Policy = policy;
        Database = new RoutedDatabase(routes, policy, this);
        Multiplexer = of?.Multiplexer ?? new RoutedMultiplexer(this);
        Subscriber = of?.Subscriber ?? new RoutedSubscriber(this);
        Server = new RoutedServer(this);
    }

    public IShardRoutes Routes { get; }

    public RoutePolicy Policy { get; }

    public RoutedDatabase Database { get; }

    public RoutedMultiplexer Multiplexer { get; }

    public RoutedSubscriber Subscriber { get; }

    public RoutedServer Server { get; }
}
