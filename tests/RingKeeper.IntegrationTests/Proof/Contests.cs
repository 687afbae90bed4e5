using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>A <see cref="DistributedLock"/> as a contest.</summary>
internal sealed class LockContest(ZooKeeperClient client, string path) : IContest
{
    private readonly DistributedLock _lock = new(client, path);

    public string Name => "lock";

    public async Task<IHeld> TakeAsync(CancellationToken cancellationToken) => new HeldTenure(client, await _lock.AcquireAsync(cancellationToken));
}

/// <summary>A <see cref="LeaderElection"/> as a contest.</summary>
internal sealed class LeadContest(ZooKeeperClient client, string path) : IContest
{
    private readonly LeaderElection _election = new(client, path);

    public string Name => "lead";

    public async Task<IHeld> TakeAsync(CancellationToken cancellationToken) => new HeldTenure(client, await _election.LeadAsync(cancellationToken));
}

/// <summary>A lock or a lead that is held.</summary>
internal sealed class HeldTenure(ZooKeeperClient client, Tenure tenure) : IHeld
{
    public long Token => tenure.FencingToken;

    public bool IsHeld => tenure.IsHeld;

    public async Task<long?> WriteFencedAsync(string path, byte[] data)
    {
        var write = ZooKeeperOp.SetData(path, data);
        try
        {
            // Once it is lost the tenure itself would refuse: then it is for the servers to, as they must where it was lost on the way.
            return tenure.IsHeld
                ? (await tenure.FencedMultiAsync([write]))[0].Stat!.Value.Mzxid
                : (await client.MultiAsync([ZooKeeperOp.Check(tenure.Path), write]))[1].Stat!.Value.Mzxid;
        }
        catch (TenureLostException)
        {
            return null;
        }
        catch (ZooKeeperMultiException e) when (e is { FailedIndex: 0, Code: ZooKeeperErrorCode.NoNode })
        {
            return null;
        }
    }

    public ValueTask DisposeAsync() => tenure.DisposeAsync();
}
