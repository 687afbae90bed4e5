using RingKeeper.Testing;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>Draws one fault after the other, of servers and of connections, each once before any comes again. All that is random comes from one seed, and is drawn before anything is done.</summary>
internal sealed class RandomFaults
{
    private const int LongestCut = 400;
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(150);

    private readonly IReadOnlyList<ProofClient> _clients;
    private readonly Func<ProofClient, bool> _isHolder;
    private readonly Random _random;
    private readonly Fault[] _ofConnections;
    private readonly Fault[] _all;
    private readonly Queue<Fault> _nextOfConnections = new();
    private readonly Queue<Fault> _next = new();

    /// <param name="servers">What can happen to them happens.</param>
    /// <param name="clients">Whose connections suffer.</param>
    /// <param name="isHolder">Who holds a lock or a lead, and so has something to lose.</param>
    /// <param name="random">The source of all that is random.</param>
    public RandomFaults(IFaultyServers servers, IReadOnlyList<ProofClient> clients, Func<ProofClient, bool> isHolder, Random random)
    {
        (_clients, _isHolder, _random) = (clients, isHolder, random);
        _ofConnections =
        [
            new("connections reset", draws => OnProxiesAsync(draws, TimeSpan.Zero, proxy => proxy.CutAllAsync())),
            new("connections ended in the middle of what a server says", draws => EndAsync(draws, StallDirection.ToClient)),
            new("connections ended in the middle of what a client says", draws => EndAsync(draws, StallDirection.ToServer)),
            new("every byte by itself", draws => OnProxiesAsync(draws, draws.Some, Do(proxy => proxy.Shape(StallDirection.Both, ProxyManner.ByteByByte)))),
            new("everything late by up to 150 ms", draws => OnProxiesAsync(draws, draws.Some, Do(proxy => proxy.Shape(StallDirection.Both, ProxyManner.Slow(draws.Pick, Late))))),
            new("nothing passes for less than the sessions last", draws => OnProxiesAsync(draws, draws.Shortly, Do(proxy => proxy.Stall(Either(draws))))),
            new("nothing passes for longer than the sessions last", draws => OnProxiesAsync(draws, draws.Beyond, Do(proxy => proxy.Stall(Either(draws))))),
            new("no connection for longer than the sessions last", draws => OnProxiesAsync(draws, draws.Beyond, async proxy =>
            {
                proxy.Refuse = true;
                await proxy.CutAllAsync();
            })),
        ];
        _all = [.. servers.Faults, .. _ofConnections];
    }

    /// <summary>Gets how many faults there are.</summary>
    public int Count => _all.Length;

    /// <summary>The next fault.</summary>
    public (string Name, Func<Task> DoAsync) Next() => Draw(_next, _all);

    /// <summary>The next fault of connections alone, which goes together with one of servers.</summary>
    public (string Name, Func<Task> DoAsync) NextOfConnections() => Draw(_nextOfConnections, _ofConnections);

    private (string Name, Func<Task> DoAsync) Draw(Queue<Fault> bag, Fault[] faults)
    {
        if (bag.Count == 0)
        {
            _random.Shuffle(faults);
            Array.ForEach(faults, bag.Enqueue);
        }

        var fault = bag.Dequeue();
        var draws = new Draws(Between(0.2, 1.2), Between(0.5, 3), ProofClient.SessionTimeout * Between(1.4, 2).TotalSeconds, _random.Next());
        return (fault.Name, () => fault.DoAsync(draws));
    }

    private Task EndAsync(Draws draws, StallDirection direction) => OnProxiesAsync(
        draws, draws.Shortly, Do(proxy => _ = proxy.EndAfter(direction, 1 + (draws.Pick % LongestCut), draws.Pick / LongestCut % 2 == 0 ? ProxyEnd.Close : ProxyEnd.Reset)));

    // On the proxies of some of the clients: those that hold something, one, and by chance others.
    private async Task OnProxiesAsync(Draws draws, TimeSpan time, Func<TcpProxy, Task> act)
    {
        var first = draws.Pick % _clients.Count;
        var proxies = _clients.Where((client, i) => i == first || _isHolder(client) || (draws.Pick >> i & 1) == 1).SelectMany(client => client.Proxies).ToList();
        foreach (var proxy in proxies)
        {
            await act(proxy);
        }

        await Task.Delay(time, TimeProvider.System);
        proxies.ForEach(proxy => proxy.Calm());
    }

    private static StallDirection Either(Draws draws) => (StallDirection)(1 + (draws.Pick % 3));

    private static Func<TcpProxy, Task> Do(Action<TcpProxy> act) => proxy =>
    {
        act(proxy);
        return Task.CompletedTask;
    };

    private TimeSpan Between(double least, double most) => TimeSpan.FromSeconds(least + (_random.NextDouble() * (most - least)));
}
