using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Publishing: over the shard that serves the key, or over any other that takes the notice.</summary>
public sealed partial class CacheBackplane
{
    /// <summary>Tells other processes what is outdated: over the shard that serves the key, or over any other that takes it. This process does not hear it.</summary>
    /// <param name="notice">What is outdated.</param>
    /// <param name="cancellationToken">Ends the wait; the notice may still be sent.</param>
    /// <returns>When a shard has taken it.</returns>
    /// <exception cref="ArgumentException">The notice is a gap.</exception>
    /// <exception cref="RingKeeperException">No shard took it.</exception>
    public async Task PublishAsync(CacheNotice notice, CancellationToken cancellationToken = default)
    {
        var message = ToMessage(notice);
        Exception? why = null;
        foreach (var shard in await CandidatesAsync(notice.Name, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await shard.GetSubscriber().PublishAsync(_channel, message).WaitAsync(cancellationToken).ConfigureAwait(false);
                BackplaneMeter.Sent.Add(1);
                return;
            }
            catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
            {
                why = e;
            }
        }

        throw NotTaken(why);
    }

    /// <summary>The same over synchronous commands; waits for no route.</summary>
    /// <param name="notice">What is outdated.</param>
    /// <exception cref="ArgumentException">The notice is a gap.</exception>
    /// <exception cref="RingKeeperException">No shard took it.</exception>
    public void Publish(CacheNotice notice)
    {
        var message = ToMessage(notice);
        Exception? why = null;
        IConnectionMultiplexer? first = null;
        try
        {
            first = ImmediateRoute.Find(_connector, notice.Name, _options.RoutePolicy).Database.Multiplexer;
        }
        catch (RingKeeperException e)
        {
            // Any other shard will do.
            why = e;
        }

        foreach (var shard in Candidates(first))
        {
            try
            {
                shard.GetSubscriber().Publish(_channel, message);
                BackplaneMeter.Sent.Add(1);
                return;
            }
            catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
            {
                why = e;
            }
        }

        throw NotTaken(why);
    }

    /// <summary>Publishes for a write that is done already. If no shard takes the notice, one about everything follows as soon as a shard does.</summary>
    internal async Task PublishOrOweAsync(CacheNotice notice)
    {
        try
        {
            await PublishAsync(notice, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RingKeeperException e)
        {
            Owe(e);
        }
    }

    /// <summary>The same over synchronous commands.</summary>
    internal void PublishOrOwe(CacheNotice notice)
    {
        try
        {
            Publish(notice);
        }
        catch (RingKeeperException e)
        {
            Owe(e);
        }
    }

    private void Owe(Exception why)
    {
        CacheLog.NoticeNotSent(_options.Logger, _options.Channel, why);
        lock (_changing)
        {
            if (_owed.IsCompleted && !_isDisposed)
            {
                _owed = MakeGoodAsync(_stop.Token);
            }
        }
    }

    private async Task MakeGoodAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(_options.DeafInterval, _options.TimeProvider, stop).ConfigureAwait(false);
            try
            {
                await PublishAsync(new CacheNotice(CacheNoticeKind.Everything), stop).ConfigureAwait(false);
                CacheLog.NoticeMadeGood(_options.Logger, _options.Channel);
                return;
            }
            catch (RingKeeperException)
            {
                // Counted, and still owed.
            }
        }
    }

    private byte[] ToMessage(CacheNotice notice)
    {
        ArgumentNullException.ThrowIfNull(notice.Name, nameof(notice));
        return notice.Kind is CacheNoticeKind.Key or CacheNoticeKind.Tag or CacheNoticeKind.Everything
            ? BackplaneMessage.Write(_sender, notice)
            : throw new ArgumentException($"A notice of kind {notice.Kind} cannot be published. Publish {nameof(CacheNoticeKind.Key)}, {nameof(CacheNoticeKind.Tag)} or {nameof(CacheNoticeKind.Everything)}.", nameof(notice));
    }

    private async Task<IEnumerable<IConnectionMultiplexer>> CandidatesAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return Candidates((await _connector.ConnectAsync(name, _options.RoutePolicy, cancellationToken).ConfigureAwait(false)).Database.Multiplexer);
        }
        catch (RingKeeperException)
        {
            // Whichever shard is there will do: others are subscribed on all of them.
            return Candidates(null);
        }
    }

    private IEnumerable<IConnectionMultiplexer> Candidates(IConnectionMultiplexer? first) =>
        (_doors.Doors ?? [])
            .Where(door => door.MayServe)
            .Select(door => door.Connection.Database?.Multiplexer)
            .Prepend(first)
            .OfType<IConnectionMultiplexer>()
            .Distinct();

    private RingKeeperException NotTaken(Exception? why)
    {
        BackplaneMeter.Failed.Add(1);
        return new RingKeeperException($"No shard took the notice on channel '{_options.Channel}': {why?.Message ?? "none may serve"} Near caches of other processes may be outdated until they hear of it.", why);
    }
}
