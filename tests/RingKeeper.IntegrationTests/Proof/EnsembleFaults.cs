using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>The faults of the run and their cures. All that is random comes from one seed, and is drawn before anything is done.</summary>
internal sealed class EnsembleFaults(RealEnsemble ensemble, IReadOnlyList<ProofClient> clients, Random random)
{
    private readonly Queue<Kind> _all = new();
    private readonly Queue<Kind> _ofConnections = new();

    private enum Kind
    {
        LeaderKilled,
        FollowerKilled,
        LeaderFrozenShortly,
        FollowerFrozenShortly,
        LeaderFrozenLong,
        FollowerFrozenLong,
        RollingRestart,
        FollowerCutOff,
        LeaderCutOff,
        Reset,
        CutFromServer,
        CutToServer,
        ByteByByte,
        Delayed,
        StalledShortly,
        SessionsExpired,
        Refused,
    }

    /// <summary>Gets how many faults there are.</summary>
    public static int Kinds => Enum.GetValues<Kind>().Length;

    /// <summary>The next fault, each kind once before any comes again: its name, and what does it and cures it.</summary>
    public (string Name, Func<Task> DoAsync) Next() => Make(Draw(_all, Enum.GetValues<Kind>()));

    /// <summary>The next fault of connections alone, which goes together with one of a server.</summary>
    public (string Name, Func<Task> DoAsync) NextOfConnections() => Make(Draw(_ofConnections, [.. Enum.GetValues<Kind>().Where(static kind => kind >= Kind.Reset)]));

    private Kind Draw(Queue<Kind> bag, Kind[] kinds)
    {
        if (bag.Count == 0)
        {
            random.Shuffle(kinds);
            Array.ForEach(kinds, bag.Enqueue);
        }

        return bag.Dequeue();
    }

    private (string Name, Func<Task> DoAsync) Make(Kind kind)
    {
        var (shortly, some, beyond) = (Between(0.2, 1.2), Between(0.5, 3), ProofClient.SessionTimeout * Between(1.4, 2).TotalSeconds);
        var victims = clients.Where(_ => random.Next(2) == 0).DefaultIfEmpty(clients[random.Next(clients.Count)]).ToArray();
        var (seed, cut, end, either) = (random.Next(), random.Next(1, 400), (ProxyEnd)random.Next(2), random.Next(2) == 0 ? StallDirection.ToClient : StallDirection.ToServer);
        return kind switch
        {
            Kind.LeaderKilled => ("leader killed", async () => await KillAsync(await LeaderAsync(), some)),
            Kind.FollowerKilled => ("follower killed", async () => await KillAsync(await FollowerAsync(seed), some)),
            Kind.LeaderFrozenShortly => ("leader frozen for less than the sessions last", async () => await FreezeAsync(await LeaderAsync(), shortly)),
            Kind.FollowerFrozenShortly => ("follower frozen for less than the sessions last", async () => await FreezeAsync(await FollowerAsync(seed), shortly)),
            Kind.LeaderFrozenLong => ("leader frozen for longer than the sessions last", async () => await FreezeAsync(await LeaderAsync(), beyond)),
            Kind.FollowerFrozenLong => ("follower frozen for longer than the sessions last", async () => await FreezeAsync(await FollowerAsync(seed), beyond)),
            Kind.RollingRestart => ("rolling restart", RollAsync),
            Kind.FollowerCutOff => ("follower cut off from the others", async () => await CutOffAsync(await FollowerAsync(seed), some + shortly)),
            Kind.LeaderCutOff => ("leader cut off from the others", async () => await CutOffAsync(await LeaderAsync(), some + shortly)),
            Kind.Reset => ("connections reset", () => OnProxiesAsync(victims, TimeSpan.Zero, proxy => proxy.CutAllAsync())),
            Kind.CutFromServer => ("connections ended in the middle of what a server says", () => OnProxiesAsync(victims, shortly, Do(proxy => _ = proxy.EndAfter(StallDirection.ToClient, cut, end)))),
            Kind.CutToServer => ("connections ended in the middle of what a client says", () => OnProxiesAsync(victims, shortly, Do(proxy => _ = proxy.EndAfter(StallDirection.ToServer, cut, end)))),
            Kind.ByteByByte => ("every byte by itself", () => OnProxiesAsync(victims, some, Do(proxy => proxy.Shape(StallDirection.Both, ProxyManner.ByteByByte)))),
            Kind.Delayed => ("everything late by up to 150 ms", () => OnProxiesAsync(victims, some, Do(proxy => proxy.Shape(StallDirection.Both, ProxyManner.Slow(seed, TimeSpan.FromMilliseconds(150)))))),
            Kind.StalledShortly => ("nothing passes for less than the sessions last", () => OnProxiesAsync(victims, shortly, Do(proxy => proxy.Stall(either)))),
            Kind.SessionsExpired => ("nothing passes for longer than the sessions last", () => OnProxiesAsync(victims, beyond, Do(proxy => proxy.Stall(either)))),
            Kind.Refused => ("no connection for longer than the sessions last", () => OnProxiesAsync(victims, beyond, async proxy =>
            {
                proxy.Refuse = true;
                await proxy.CutAllAsync();
            })),
            _ => throw new InvalidOperationException($"There is no fault {kind}."),
        };
    }

    private static Func<TcpProxy, Task> Do(Action<TcpProxy> act) => proxy =>
    {
        act(proxy);
        return Task.CompletedTask;
    };

    private static Task HoldAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    private static async Task KillAsync(ApacheZooKeeper member, TimeSpan time)
    {
        await member.KillAsync();
        await HoldAsync(time);
        await member.RestartAsync(Cancel.Soon);
    }

    private static async Task FreezeAsync(ApacheZooKeeper member, TimeSpan time)
    {
        member.Pause();
        await HoldAsync(time);
        member.Resume();
    }

    private static async Task OnProxiesAsync(IReadOnlyList<ProofClient> victims, TimeSpan time, Func<TcpProxy, Task> act)
    {
        foreach (var proxy in victims.SelectMany(victim => victim.Proxies))
        {
            await act(proxy);
        }

        await HoldAsync(time);
        foreach (var proxy in victims.SelectMany(victim => victim.Proxies))
        {
            proxy.Calm();
        }
    }

    private async Task CutOffAsync(ApacheZooKeeper member, TimeSpan time)
    {
        ensemble.CutOff(member);
        await HoldAsync(time);
        ensemble.Mend();
    }

    private async Task RollAsync()
    {
        foreach (var member in ensemble.Members)
        {
            await member.StopAsync();
            await member.RestartAsync(Cancel.Soon);
        }
    }

    // There is one, or will be: whoever is written to has one.
    private async Task<ApacheZooKeeper> LeaderAsync()
    {
        var soon = Cancel.Soon;
        while (true)
        {
            try
            {
                return await ensemble.FindLeaderAsync(soon);
            }
            catch (InvalidOperationException) when (!soon.IsCancellationRequested)
            {
                await clients[0].WhenWrittenAsync().WaitAsync(soon);
            }
        }
    }

    private async Task<ApacheZooKeeper> FollowerAsync(int draw)
    {
        var leader = await LeaderAsync();
        return ensemble.Members.Where(member => member != leader).ElementAt(draw % 2);
    }

    private TimeSpan Between(double least, double most) => TimeSpan.FromSeconds(least + (random.NextDouble() * (most - least)));
}
