namespace RingKeeper.Dashboard;

/// <summary>What is known of a shard's server.</summary>
/// <param name="Facts">What it said last, or null.</param>
/// <param name="At">The timestamp of that.</param>
/// <param name="Trouble">Why it did not say more when it was asked last, or null.</param>
/// <param name="IsClockOff">Whether its clock differs too much from this machine's.</param>
internal sealed record KnownFacts(ShardFacts? Facts, long At, string? Trouble, bool IsClockOff);

/// <summary>Asks each shard's server what it has to say, at most every five seconds, a few at a time. Safe for concurrent use.</summary>
/// <param name="cluster">The cluster's name.</param>
/// <param name="ask">Asks the server at an address.</param>
/// <param name="time">The source of time.</param>
/// <param name="heard">Is called after each answer.</param>
internal sealed class ShardFactsWatch(string cluster, Func<string, CancellationToken, Task<ShardFacts>> ask, TimeProvider time, Action heard) : IAsyncDisposable
{
    /// <summary>How many are asked at once.</summary>
    public const int Width = 8;

    /// <summary>How long a server is left in peace between two questions.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Server> _servers = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _asking = [];
    private readonly CancellationTokenSource _ended = new();

    /// <summary>What is known of the server at an address, or null.</summary>
    public KnownFacts? Of(string addr)
    {
        lock (_gate)
        {
            return _servers.GetValueOrDefault(addr)?.Known;
        }
    }

    /// <summary>Begins to ask those that are due, the longest waiting first; forgets those that are no shards any more.</summary>
    /// <param name="shards">The shards of the cluster.</param>
    /// <param name="tolerance">By how much clocks may differ.</param>
    public void Ask(IReadOnlyList<Shard> shards, TimeSpan tolerance)
    {
        lock (_gate)
        {
            if (_ended.IsCancellationRequested)
            {
                return;
            }

            var addrs = shards.Select(static shard => shard.Addr).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in _servers.Keys.Where(addr => !addrs.Contains(addr)).ToList())
            {
                _servers.Remove(gone);
            }

            foreach (var addr in addrs.Where(addr => !_servers.ContainsKey(addr)))
            {
                _servers[addr] = new Server(new ClockWatch(addr, cluster));
            }

            var due = _servers.Where(server => !server.Value.IsAsked && (server.Value.Asked is not { } asked || time.GetElapsedTime(asked) >= Pace))
                .OrderBy(static server => server.Value.Asked ?? long.MinValue).Take(Width - _asking.Count).ToList();
            foreach (var (addr, server) in due)
            {
                (server.IsAsked, server.Asked) = (true, time.GetTimestamp());
                var asking = AskAsync(addr, server, tolerance);
                _asking.Add(asking);
                _ = asking.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Gives up what is asked now.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] asking;
        lock (_gate)
        {
            _ended.Cancel();
            asking = [.. _asking];
        }

        await Task.WhenAll(asking).ConfigureAwait(false);
        _ended.Dispose();
    }

    private void Forget(Task asking)
    {
        lock (_gate)
        {
            _asking.Remove(asking);
        }
    }

    private async Task AskAsync(string addr, Server server, TimeSpan tolerance)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var patience = new CancellationTokenSource(Patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _ended.Token);
        ShardFacts? facts = null;
        string? trouble = null;
        try
        {
            facts = await ask(addr, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            trouble = $"{addr} does not answer INFO within {Patience.TotalSeconds:0} s";
        }
        catch (RingKeeperException e)
        {
            trouble = e.Message;
        }
#pragma warning disable CA1031 // It is told, and the server is asked again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            trouble = $"{addr} could not be asked, by an unexpected fault ({e.GetType().Name})";
        }

        if (facts?.Clock is { } clock && server.Clock.Hear(clock, tolerance) is var change and not ClockChange.None)
        {
            server.IsClockOff = change == ClockChange.Begins;
        }

        lock (_gate)
        {
            var known = server.Known;
            server.Known = new KnownFacts(facts ?? known?.Facts, facts is null ? known?.At ?? 0 : time.GetTimestamp(), trouble, server.IsClockOff);
            server.IsAsked = false;
        }

        if (!_ended.IsCancellationRequested)
        {
            heard();
        }
    }

    private sealed class Server(ClockWatch clock)
    {
        public ClockWatch Clock { get; } = clock;

        public KnownFacts? Known { get; set; }

        public long? Asked { get; set; }

        public bool IsAsked { get; set; }

        public bool IsClockOff { get; set; }
    }
}
