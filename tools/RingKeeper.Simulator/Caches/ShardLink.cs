using StackExchange.Redis;

namespace RingKeeper.Simulator.Caches;

/// <summary>
/// A client's connection to one shard: requests arrive in their order, late or never; a broken connection is made anew, and what was sent over the
/// old one may still arrive. The run of the server is learned by a round trip, as the product does.
/// </summary>
internal sealed class ShardLink
{
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(1);

    private readonly CacheWorld _world;
    private readonly SimulatedProcess _process;
    private readonly Random _random;
    private readonly List<Action> _inFlight = [];
    private int _connection;
    private bool _isUp;
    private string _run = "";
    private long _lastArrival;

    public ShardLink(CacheWorld world, SimulatedProcess process, SimulatedRedis redis, Random random)
    {
        (_world, _process, Redis, _random) = (world, process, redis, random);
        Database = SimulatedDatabase.Over(this);
        redis.Links.Add(this);
        Connect();
    }

    public CacheWorld World => _world;

    public SimulatedRedis Redis { get; }

    public IDatabase Database { get; }

    public ShardRunSlot Run { get; } = new();

    /// <summary>Sends a command, and gives its answer.</summary>
    public Task<T> SendAsync<T>(Func<SimulatedRedis, T> execute)
    {
        var operation = CacheOperation.Current;
        if (operation is not { Stall.Ticks: > 0 })
        {
            return SendNowAsync(execute, operation);
        }

        // The client looked at its view, and something kept it from sending for a while.
        var sent = new TaskCompletionSource<T>();
        _world.Agenda.After(operation.Stall, () => _process.Deliver(() => _ = ForwardAsync(SendNowAsync(execute, operation), sent)));
        return sent.Task;
    }

    /// <summary>Breaks the connection from the client's side.</summary>
    public void Break()
    {
        if (_isUp)
        {
            Lose();
        }
    }

    /// <summary>Hears that the server went or is another run: its old connections are gone.</summary>
    public void OnShardChanged()
    {
        if (_isUp && (Redis.Shard.State == ShardState.Down || Redis.Shard.RunId != _run))
        {
            var connection = _connection;
            _world.Agenda.After(Latency(), () => _process.Deliver(() =>
            {
                if (_connection == connection)
                {
                    Lose();
                }
            }));
        }
    }

    private static async Task ForwardAsync<T>(Task<T> from, TaskCompletionSource<T> to)
    {
        try
        {
            to.TrySetResult(await from.ConfigureAwait(false));
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            to.TrySetException(e);
        }
    }

    private Task<T> SendNowAsync<T>(Func<SimulatedRedis, T> execute, CacheOperation? operation)
    {
        _world.Agenda.AssertThread();
        if (!_isUp)
        {
            return Task.FromException<T>(new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, $"No connection to {Redis.Shard.Addr}."));
        }

        var (connection, run) = (_connection, _run);
        var source = new TaskCompletionSource<T>();
        Action fail = () => source.TrySetException(new RedisConnectionException(ConnectionFailureType.SocketClosed, CommandFlags.None, $"The connection to {Redis.Shard.Addr} broke."));
        _inFlight.Add(fail);
        _lastArrival = Math.Max(_lastArrival, _world.Agenda.Now + Latency().Ticks + Lateness().Ticks);
        _world.Agenda.At(_lastArrival, () => Arrive(execute, operation, connection, run, source, fail));
        _world.Agenda.After(CommandTimeout, () => _process.Deliver(() =>
        {
            if (_inFlight.Remove(fail))
            {
                source.TrySetException(new RedisTimeoutException(CommandFlags.None, $"{Redis.Shard.Addr} did not answer in {CommandTimeout}.", CommandStatus.Sent));
            }
        }));
        return source.Task;
    }

    private void Arrive<T>(Func<SimulatedRedis, T> execute, CacheOperation? operation, int connection, string run, TaskCompletionSource<T> source, Action fail)
    {
        // What is under way when its client gives the connection up may be lost, or be read by the server later.
        if (_connection != connection && _random.Next(2) == 0)
        {
            return;
        }

        Redis.Arrive(() =>
        {
            if (Redis.Shard.State == ShardState.Down || Redis.Shard.RunId != run)
            {
                return;
            }

            if (Redis.Shard.State == ShardState.Loading)
            {
                Reply(connection, fail, () => source.TrySetException(new RedisServerException(RedisErrorKind.Loading, CommandFlags.None, "LOADING the dataset is in memory soon")));
                return;
            }

            var outer = CacheOperation.Current;
            CacheOperation.Current = operation;
            var result = execute(Redis);
            CacheOperation.Current = outer;
            Reply(connection, fail, () => source.TrySetResult(result));
        });
    }

    private void Reply(int connection, Action fail, Action complete) => _world.Agenda.After(Latency() + Redis.Shard.Slowness, () => _process.Deliver(() =>
    {
        if (_connection == connection && _inFlight.Remove(fail))
        {
            complete();
        }
    }));

    private void Lose()
    {
        // Before another connection is made.
        Run.Current = null;
        _isUp = false;
        _connection++;
        var failed = _inFlight.ToList();
        _inFlight.Clear();
        foreach (var fail in failed)
        {
            fail();
        }

        _world.Agenda.After(ReconnectPause, () => _process.Deliver(Connect));
    }

    private void Connect()
    {
        if (Redis.Shard.State is ShardState.Down or ShardState.Hung)
        {
            _world.Agenda.After(ReconnectPause, () => _process.Deliver(Connect));
            return;
        }

        var (connection, run) = (++_connection, Redis.Shard.RunId);
        (_isUp, _run, _lastArrival) = (true, run, _world.Agenda.Now);
        _world.Agenda.After(Latency() + Latency() + Lateness(), () => _process.Deliver(() =>
        {
            if (_connection == connection && _isUp)
            {
                Run.Current = new ShardRun(run);
            }
        }));
    }

    private TimeSpan Latency() => TimeSpan.FromTicks(1_000 + _random.Next(4_000));

    // Mostly none; a write may hang somewhere for seconds.
    private TimeSpan Lateness() => _random.Next(200) == 0 ? TimeSpan.FromMilliseconds(5_000 * _random.NextDouble() * _random.NextDouble()) : TimeSpan.Zero;
}
