using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.Tests.Embedded;

/// <summary>A tree with a zxid counter and a caller, as the server would drive it.</summary>
internal sealed class TreeFixture
{
    public const long SessionId = 0x0100_0000_0000_0001;

    public DataTree Tree { get; } = new();

    public Caller Caller { get; set; } = new(SessionId, [new Identity("ip", "127.0.0.1")]);

    public long Zxid { get; private set; }

    public IReadOnlyList<TreeChange> LastChanges { get; private set; } = [];

    public static CreateOperation NewNode(string path, int flags = 0, IReadOnlyList<Acl>? acl = null, OpCode type = OpCode.Create2, long timeToLive = -1) =>
        new(type, path, [], acl ?? Acl.OpenToWorld, flags, timeToLive);

    public TreeResult Apply(TreeOperation operation)
    {
        var transaction = new TreeTransaction(++Zxid, 1_000 + Zxid);
        var result = Tree.Apply(operation, Caller, transaction);
        LastChanges = transaction.Changes;
        return result;
    }

    public string Create(string path, int flags = 0)
    {
        var result = Apply(NewNode(path, flags));
        return result.Error == ZooKeeperErrorCode.Ok ? result.Path : throw new InvalidOperationException($"{path}: {result.Error}");
    }

    public Stat StatOf(string path) => Tree.Find(path)!.ToStat();

    public IReadOnlyList<TreeResult> Multi(params TreeOperation[] operations)
    {
        var transaction = new TreeTransaction(++Zxid, 1_000 + Zxid);
        var results = MultiRequest.Apply(operations, Tree, Caller, transaction);
        LastChanges = transaction.Changes;
        return results;
    }
}
