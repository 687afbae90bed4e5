using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Sees to it that a key is loaded once at a time in this process, whoever asks for it.</summary>
internal sealed class Flights
{
    private readonly Lock _lock = new();

    // Only under the lock: those that callers may still join, and those overtaken while they stored. Almost always one of a key.
    private readonly Dictionary<RedisKey, List<Flight>> _flights = [];
    private volatile int _keys;

    /// <summary>Waits for the key's flight; starts it if there is none. A caller that cancels leaves it, and the last one to leave ends it.</summary>
    public async Task<T> JoinAsync<T>(RedisKey key, Func<Flight<T>, Task<T>> load, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var flight = Board<T>(key, out var isFirst);
        if (isFirst)
        {
            // Its end is its landing.
            _ = flight.RunAsync(load, landed => Close(key, landed));
        }

        try
        {
            return await flight.Landing.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(key, flight);
        }
    }

    /// <summary>Says that this process is about to write or remove the key: its flights land, but for those that are aboard alone.</summary>
    /// <returns>Ends, without an error, when what flights had begun to store is stored or given up: what removes the key waits for that.</returns>
    public Task Overtake(in RedisKey key)
    {
        if (_keys == 0)
        {
            return Task.CompletedTask;
        }

        lock (_lock)
        {
            if (!_flights.TryGetValue(key, out var list))
            {
                return Task.CompletedTask;
            }

            list.ForEach(static flight => flight.Overtake());
            list.RemoveAll(static flight => !flight.IsStoring);
            if (list.Count > 0)
            {
                return AllOfAsync([.. list.Select(static flight => flight.Landed)]);
            }

            _flights.Remove(key);
            _keys = _flights.Count;
            return Task.CompletedTask;
        }
    }

    /// <summary>Tells whether a flight may store what it loaded: unless it was overtaken. Who overtakes it later knows that it may have stored.</summary>
    public bool TryBeginStore(Flight flight)
    {
        lock (_lock)
        {
            return flight.IsStoring = !flight.IsOvertaken;
        }
    }

    private Flight<T> Board<T>(in RedisKey key, out bool isFirst)
    {
        lock (_lock)
        {
            if (!_flights.TryGetValue(key, out var list))
            {
                _flights.Add(key, list = new List<Flight>(1));
                _keys = _flights.Count;
            }

            var flight = (Flight<T>?)list.Find(static flight => flight.Type == typeof(T) && !flight.IsOvertaken);
            isFirst = flight is null;
            if (flight is { IsAround: true })
            {
                throw new RingKeeperException($"The factory of key '{key}' asks for its own key, and would wait for itself. Let it make the value without that.");
            }

            if (flight is null)
            {
                list.Add(flight = new Flight<T>());
            }

            flight.Passengers++;
            return flight;
        }
    }

    private void Leave(in RedisKey key, Flight flight)
    {
        lock (_lock)
        {
            if (--flight.Passengers > 0)
            {
                return;
            }

            Remove(key, flight);
        }

        // What a factory left behind that heeds its token goes on after a landing.
        if (!flight.Landed.IsCompleted)
        {
            flight.Abandon();
        }
    }

    private static async Task AllOfAsync(Task[] landings) =>
        await Task.WhenAll(landings).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Close(in RedisKey key, Flight flight)
    {
        lock (_lock)
        {
            Remove(key, flight);
        }
    }

    private void Remove(in RedisKey key, Flight flight)
    {
        if (_flights.TryGetValue(key, out var list) && list.Remove(flight) && list.Count == 0)
        {
            _flights.Remove(key);
            _keys = _flights.Count;
        }
    }
}
