using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// Follows a fleet by one recursive watch: reads it anew whenever something of the cluster changes. What changes while it is read makes one more reading, however
/// often it did. One stream at a time.
/// </summary>
internal sealed class FleetFollower(ZKConnector connector, string name)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private FleetNews _last = new(null, [], null);

    /// <summary>
    /// Gives the fleet as it is now, then at each change of any of its znodes, a vote written anew included; what cannot be read, a lost connection and a cluster that is
    /// gone are told as news too, and the stream goes on.
    /// </summary>
    /// <exception cref="ZooKeeperException">The session ended for good.</exception>
    public async IAsyncEnumerable<FleetNews> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Its own end, so that the reader of events ends with this stream.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pulse = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        pulse.Writer.TryWrite(true);

        // What could not be read may be well again without any change that a watch would tell.
        using var retry = connector.Time.CreateTimer(_ => pulse.Writer.TryWrite(true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var watch = await connector.Client.WatchAsync(ZKPaths.Cluster(name), WatchMode.PersistentRecursive, cancellationToken).ConfigureAwait(false);
        await using (watch.ConfigureAwait(false))
        {
            var hearing = Task.WhenAll(HearAsync(watch, pulse.Writer, ended.Token), HearSessionAsync(pulse.Writer, ended.Token));
            try
            {
                var reader = connector.CreateBallotReader(name);
                FleetNews? told = null;
                await foreach (var _ in pulse.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                {
                    var news = connector.Client.Session is { IsConnected: false } session
                        ? _last with { Trouble = $"ZooKeeper is away{(session.Server is { } server ? $", last {server}" : "")}: what happens now is told once it is back" }
                        : await ReadAsync(reader, cancellationToken).ConfigureAwait(false);
                    if (news.Trouble is not null)
                    {
                        retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
                    }

                    // The same trouble is told once.
                    if (news.Trouble is null || news != told)
                    {
                        yield return told = _last = news;
                    }
                }
            }
            finally
            {
                await ended.CancelAsync().ConfigureAwait(false);
                await hearing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static async Task HearAsync(WatchSubscription watch, ChannelWriter<bool> pulse, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in watch.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                // An expired session is followed by a new one, and that by a Gap.
                if (change.Type != WatchedEventType.SessionExpired)
                {
                    pulse.TryWrite(true);
                }
            }

            pulse.TryComplete();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Unheard, the stream would stand still without a word.
            pulse.TryComplete(e);
        }
    }

    // A watch is silent while the connection is lost; its return is a Gap of the watch.
    private async Task HearSessionAsync(ChannelWriter<bool> pulse, CancellationToken cancellationToken)
    {
        await foreach (var session in connector.Client.WatchSessionAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!session.IsConnected)
            {
                pulse.TryWrite(true);
            }
        }
    }

    private async Task<FleetNews> ReadAsync(BallotReader reader, CancellationToken cancellationToken)
    {
        try
        {
            var open = connector.GetOpenNodesAsync(name, cancellationToken);
            var fleet = Fleet.ReadAsync(connector, name, reader, cancellationToken);
            await Task.WhenAll(open, fleet).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new FleetNews(await fleet.ConfigureAwait(false), await open.ConfigureAwait(false), null);
        }
        catch (Exception e) when (e is ZooKeeperException or RingKeeperException)
        {
            return _last with { Trouble = e.Message, IsGone = e is RingKeeperException && await IsGoneAsync(cancellationToken).ConfigureAwait(false) };
        }
    }

    private async Task<bool> IsGoneAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await connector.Client.ExistsAsync(ZKPaths.Cluster(name), cancellationToken).ConfigureAwait(false) is null;
        }
        catch (ZooKeeperException)
        {
            // Not known; the connection is told of by itself.
            return false;
        }
    }
}
