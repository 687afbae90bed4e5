using System.Net;
using System.Runtime.CompilerServices;
using StackExchange.Redis;
using StackExchange.Redis.Maintenance;

namespace RingKeeper;

/// <summary>Hands on the events of all shards' connections, and does to each, now and when it joins, what is to be done to all. Idle until asked for either.</summary>
internal sealed class ShardEvents(IShardRoutes routes)
{
    private readonly Lock _changing = new();
    private readonly Dictionary<string, Action<IConnectionMultiplexer>> _onEach = new(StringComparer.Ordinal);

    // What was done to a connection already, which lives no longer for it.
    private readonly ConditionalWeakTable<IConnectionMultiplexer, HashSet<string>> _done = [];
    private IReadOnlyList<string> _known = [];
    private bool _follows;

    private readonly Relay<RedisErrorEventArgs> _errorMessage = new();
    private readonly Relay<ConnectionFailedEventArgs> _connectionFailed = new();
    private readonly Relay<InternalErrorEventArgs> _internalError = new();
    private readonly Relay<ConnectionFailedEventArgs> _connectionRestored = new();
    private readonly Relay<EndPointEventArgs> _configurationChanged = new();
    private readonly Relay<EndPointEventArgs> _configurationChangedBroadcast = new();
    private readonly Relay<ServerMaintenanceEvent> _serverMaintenanceEvent = new();
    private readonly Relay<HashSlotMovedEventArgs> _hashSlotMoved = new();

    public event EventHandler<RedisErrorEventArgs>? ErrorMessage
    {
        add
        {
            _errorMessage.Heard += value;
            Forward(nameof(ErrorMessage), shard => shard.ErrorMessage += _errorMessage.Tell);
        }

        remove => _errorMessage.Heard -= value;
    }

    public event EventHandler<ConnectionFailedEventArgs>? ConnectionFailed
    {
        add
        {
            _connectionFailed.Heard += value;
            Forward(nameof(ConnectionFailed), shard => shard.ConnectionFailed += _connectionFailed.Tell);
        }

        remove => _connectionFailed.Heard -= value;
    }

    public event EventHandler<InternalErrorEventArgs>? InternalError
    {
        add
        {
            _internalError.Heard += value;
            Forward(nameof(InternalError), shard => shard.InternalError += _internalError.Tell);
        }

        remove => _internalError.Heard -= value;
    }

    public event EventHandler<ConnectionFailedEventArgs>? ConnectionRestored
    {
        add
        {
            _connectionRestored.Heard += value;
            Forward(nameof(ConnectionRestored), shard => shard.ConnectionRestored += _connectionRestored.Tell);
        }

        remove => _connectionRestored.Heard -= value;
    }

    public event EventHandler<EndPointEventArgs>? ConfigurationChanged
    {
        add
        {
            _configurationChanged.Heard += value;
            Forward(nameof(ConfigurationChanged), shard => shard.ConfigurationChanged += _configurationChanged.Tell);
        }

        remove => _configurationChanged.Heard -= value;
    }

    public event EventHandler<EndPointEventArgs>? ConfigurationChangedBroadcast
    {
        add
        {
            _configurationChangedBroadcast.Heard += value;
            Forward(nameof(ConfigurationChangedBroadcast), shard => shard.ConfigurationChangedBroadcast += _configurationChangedBroadcast.Tell);
        }

        remove => _configurationChangedBroadcast.Heard -= value;
    }

    public event EventHandler<ServerMaintenanceEvent>? ServerMaintenanceEvent
    {
        add
        {
            _serverMaintenanceEvent.Heard += value;
            Forward(nameof(ServerMaintenanceEvent), shard => shard.ServerMaintenanceEvent += _serverMaintenanceEvent.Tell);
        }

        remove => _serverMaintenanceEvent.Heard -= value;
    }

    public event EventHandler<HashSlotMovedEventArgs>? HashSlotMoved
    {
        add
        {
            _hashSlotMoved.Heard += value;
            Forward(nameof(HashSlotMoved), shard => shard.HashSlotMoved += _hashSlotMoved.Tell);
        }

        remove => _hashSlotMoved.Heard -= value;
    }

    /// <summary>Does something to each shard's connection, once; to those of shards that join later, too.</summary>
    /// <param name="what">Names it; of the same name, the last one counts for those that join.</param>
    /// <param name="act">Does it.</param>
    public void OnEach(string what, Action<IConnectionMultiplexer> act)
    {
        lock (_changing)
        {
            _onEach[what] = act;
            foreach (var (_, done) in _done)
            {
                done.Remove(what);
            }
        }

        Begin();
    }

    // Attached to each connection once, whoever listens here.
    private void Forward(string what, Action<IConnectionMultiplexer> attach)
    {
        lock (_changing)
        {
            if (!_onEach.TryAdd(what, attach))
            {
                return;
            }
        }

        Begin();
    }

    private void Begin()
    {
        bool begin;
        lock (_changing)
        {
            begin = !_follows;
            _follows = true;
        }

        if (begin)
        {
            _known = AddressesOf(routes.Doors);
            _ = FollowAsync();
        }
        else
        {
            Attach();
        }
    }

    // A drain or another weight is not told: the shard neither joins nor leaves.
    private static IReadOnlyList<string> AddressesOf(IReadOnlyList<ShardDoor>? doors) => [.. (doors ?? []).Select(static door => door.Shard.Addr)];

    private async Task FollowAsync()
    {
        while (!routes.IsDisposed)
        {
            var changed = routes.RoutesChanged;
            Attach();
            TellChanges();
            await changed.ConfigureAwait(false);
        }
    }

    private void Attach()
    {
        foreach (var door in routes.Doors ?? [])
        {
            var opening = door.Connection.Opening;
            if (opening.IsCompletedSuccessfully)
            {
                Attach(opening.Result);
            }
            else if (!opening.IsCompleted)
            {
                _ = opening.ContinueWith(
                    (opened, _) => Attach(opened.Result), null, CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }

    private void Attach(IConnectionMultiplexer shard)
    {
        var acts = new List<Action<IConnectionMultiplexer>>();
        lock (_changing)
        {
            var done = _done.GetOrAdd(shard, static _ => new HashSet<string>(StringComparer.Ordinal));
            acts.AddRange(_onEach.Where(pair => done.Add(pair.Key)).Select(static pair => pair.Value));
        }

        acts.ForEach(act => act(shard));
    }

    // Of a cluster, this is what a change of configuration is: shards that join or leave.
    private void TellChanges()
    {
        var now = AddressesOf(routes.Doors);
        if (now.Count == 0)
        {
            return;
        }

        // The first view that is seen changes nothing.
        string[] changed = _known.Count == 0 ? [] : [.. now.Except(_known), .. _known.Except(now)];
        _known = now;
        if (changed.Length == 0)
        {
            return;
        }

        // Apart, so that a handler that fails or takes its time holds up nothing here.
        _ = Task.Run(() =>
        {
            foreach (var address in changed)
            {
                _configurationChanged.Tell(this, new EndPointEventArgs(this, ShardAddress.Parse(address)));
            }
        });
    }

    /// <summary>Who listens to one kind of event, whichever connection it is of.</summary>
    private sealed class Relay<T>
    {
        public event EventHandler<T>? Heard;

        public void Tell(object? sender, T args) => Heard?.Invoke(sender, args);
    }
}
