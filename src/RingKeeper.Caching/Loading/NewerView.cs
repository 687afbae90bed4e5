namespace RingKeeper;

/// <summary>Waits for a newer view of the cluster, each time for what is left of one bound.</summary>
internal sealed class NewerView(IConnector connector, TimeSpan limit)
{
    private readonly IRouteSource? _source = connector as IRouteSource;

    /// <summary>Ends when routes change from now on; null where the connector does not tell.</summary>
    public Task? Next => _source?.RoutesChanged;

    /// <summary>Waits.</summary>
    /// <param name="next">What <see cref="Next"/> gave before the route was asked for, so that no change falls in between.</param>
    /// <param name="deadline">The end of the bound; 0 before the first wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The end of the bound, or null if it has passed, or nothing tells of views.</returns>
    public async ValueTask<long?> WaitAsync(Task? next, long deadline, CancellationToken cancellationToken)
    {
        if (next is null || _source is not { Time: var time })
        {
            return null;
        }

        var now = time.GetElapsedTime(0, time.GetTimestamp()).Ticks;
        var end = deadline == 0 ? now + limit.Ticks : deadline;
        if (end <= now)
        {
            return null;
        }

        try
        {
            await next.WaitAsync(TimeSpan.FromTicks(end - now), time, cancellationToken).ConfigureAwait(false);
            return end;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
