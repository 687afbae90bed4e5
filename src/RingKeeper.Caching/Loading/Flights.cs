using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Sees to it that a key is loaded once at a time in this process, whoever asks for it.</summary>
internal sealed class Flights
{
    private readonly Lock _lock = new();

    // Only under the lock: those that callers may still join. Almost always one of a key.
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
    public void Overtake(in RedisKey key)
    {
        if (_keys == 0)
        {
            return;
        }

        lock (_lock)
        {
            if (_flights.Remove(key, out var list))
            {
                list.ForEach(static flight => flight.Overtake());
                _keys = _flights.Count;
            }
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

            var flight = (Flight<T>?)list.Find(static flight => flight.Type == typeof(T));
            isFirst = flight is null;
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

        // Without effect on one that has landed.
        flight.Abandon();
    }

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
