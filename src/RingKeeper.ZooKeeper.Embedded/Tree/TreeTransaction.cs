namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>One zxid: what it changed so far and how to take it back.</summary>
internal sealed class TreeTransaction(long zxid, long time)
{
    private readonly List<TreeChange> _changes = [];
    private readonly Stack<Action> _undo = new();

    public long Zxid { get; } = zxid;

    /// <summary>The time of the transaction in milliseconds since the Unix epoch.</summary>
    public long Time { get; } = time;

    /// <summary>The changes in the order they were made; watches fire in this order once the transaction stands.</summary>
    public IReadOnlyList<TreeChange> Changes => _changes;

    public void Add(TreeChange change, Action undo)
    {
        _changes.Add(change with { Zxid = Zxid });
        _undo.Push(undo);
    }

    /// <summary>Adds a change that no watch sees.</summary>
    public void AddSilent(Action undo) => _undo.Push(undo);

    public void Rollback()
    {
        while (_undo.TryPop(out var undo))
        {
            undo();
        }

        _changes.Clear();
    }
}
