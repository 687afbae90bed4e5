namespace RingKeeper;

/// <summary>What a connector tells those who wait for a better route.</summary>
internal interface IRouteSource
{
    /// <summary>Ends when routes may have changed since it was asked for.</summary>
    Task RoutesChanged { get; }

    /// <summary>The source of time.</summary>
    TimeProvider Time { get; }
}
