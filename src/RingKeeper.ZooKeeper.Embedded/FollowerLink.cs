using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>A transaction to be done once more on a copy of the tree: with the same zxid and time it has the same outcome.</summary>
internal sealed record CommittedTransaction(long Zxid, long Time, Action<DataTree, TreeTransaction> Redo);

/// <summary>What a follower has heard of its leader and what of it it has taken in. For the executor alone but for the cut.</summary>
internal sealed class FollowerLink
{
    private readonly Queue<CommittedTransaction> _pending = new();
    private readonly Database _own;
    private volatile bool _isCutOff;

    public FollowerLink(Database leader, Database own)
    {
        (Leader, _own) = (leader, own);
        leader.Follow(transaction =>
        {
            _pending.Enqueue(transaction);
            Refresh();
        });
    }

    public Database Leader { get; }

    public bool IsHeld { get; set; }

    public bool IsCutOff
    {
        get => _isCutOff;
        set => _isCutOff = value;
    }

    /// <summary>Takes in what there is, unless the script says to lag.</summary>
    public void Refresh()
    {
        if (!IsHeld && !IsCutOff)
        {
            CatchUp();
        }
    }

    public void CatchUp()
    {
        Apply(int.MaxValue);

        // Sessions and failed writes take a zxid and leave no transaction to follow.
        _own.Zxid = Leader.Zxid;
    }

    public void Apply(int transactions)
    {
        for (; transactions > 0 && _pending.TryDequeue(out var transaction); transactions--)
        {
            _own.Apply(transaction);
        }
    }
}
