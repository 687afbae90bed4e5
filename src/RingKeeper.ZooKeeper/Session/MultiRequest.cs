using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>A multi. Its refusal hides behind a reply header that says Ok: every result is then an error record.</summary>
internal sealed class MultiRequest(IReadOnlyList<ZooKeeperOp> operations, byte[] body, Chroot chroot)
    : Request<IReadOnlyList<ZooKeeperOpResult>>(OpCode.Multi, path: null, body, static (ref JuteReader _, Chroot _) => [], Chroot.None)
{
    public override string Subject => operations.Count == 0 ? "an empty Multi" : $"a Multi of {operations.Count}, the first on {operations[0].Path}";

    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches)
    {
        if (header.Error != ZooKeeperErrorCode.Ok)
        {
            return base.Complete(header, ref body, watches);
        }

        var results = new List<ZooKeeperOpResult>(operations.Count);
        var failed = -1;
        var failure = ZooKeeperErrorCode.Ok;
        for (var result = MultiHeader.Read(ref body); !result.Done; result = MultiHeader.Read(ref body))
        {
            if (results.Count == operations.Count)
            {
                throw new JuteException($"The reply to a multi of {operations.Count} operations holds more results.");
            }

            // Operations before the culprit carry 0 and those behind it RuntimeInconsistency, so the first error is the culprit's.
            var code = ReadResult(result.Type, operations[results.Count].Path, ref body, results);
            if (code != ZooKeeperErrorCode.Ok && failed < 0)
            {
                (failed, failure) = (results.Count - 1, code);
            }
        }

        if (failed >= 0)
        {
            TryFail(Refusal(failed, failure));
            return true;
        }

        if (results.Count != operations.Count)
        {
            throw new JuteException($"The reply to a multi of {operations.Count} operations holds {results.Count} results.");
        }

        TryFinish(results);
        return true;
    }

    private ZooKeeperMultiException Refusal(int failed, ZooKeeperErrorCode code)
    {
        var operation = operations[failed];
        return code == ZooKeeperErrorCode.NoAuth
            ? new ZooKeeperMultiException(failed, code, operation.Path, ZooKeeperException.DescribeRefusal(
                "a Multi, nothing of which was applied", operation.Path, operation is ZooKeeperOp.CreateOp or ZooKeeperOp.CreateTtlOp or ZooKeeperOp.DeleteOp, IsIdentified))
            : new ZooKeeperMultiException(failed, code, operation.Path);
    }

    public static void Write(FrameWriter writer, IReadOnlyList<ZooKeeperOp> operations, Chroot chroot, IReadOnlyList<Acl> defaultAcl)
    {
        foreach (var operation in operations)
        {
            var path = chroot.ToServer(operation.Path, IsSequential(operation));
            switch (operation)
            {
                case ZooKeeperOp.CreateTtlOp create:
                    new MultiHeader(OpCode.CreateTtl, Done: false, -1).Write(writer);
                    new CreateTtlRecord(path, create.Data, create.Acl ?? defaultAcl, create.IsSequential, create.TtlMs).Write(writer);
                    break;
                case ZooKeeperOp.CreateOp create:
                    new MultiHeader(create.Mode == CreateMode.Container ? OpCode.CreateContainer : OpCode.Create, Done: false, -1).Write(writer);
                    new CreateRecord(path, create.Data, create.Acl ?? defaultAcl, (int)create.Mode).Write(writer);
                    break;
                case ZooKeeperOp.DeleteOp delete:
                    new MultiHeader(OpCode.Delete, Done: false, -1).Write(writer);
                    new PathVersionRecord(path, delete.Version).Write(writer);
                    break;
                case ZooKeeperOp.SetDataOp set:
                    new MultiHeader(OpCode.SetData, Done: false, -1).Write(writer);
                    new SetDataRecord(path, set.Data, set.Version).Write(writer);
                    break;
                case ZooKeeperOp.CheckOp check:
                    new MultiHeader(OpCode.Check, Done: false, -1).Write(writer);
                    new PathVersionRecord(path, check.Version).Write(writer);
                    break;
                default:
                    throw new NotSupportedException($"A multi cannot hold {operation.GetType().Name}.");
            }
        }

        MultiHeader.End.Write(writer);
    }

    public static bool IsSequential(ZooKeeperOp operation) => operation switch
    {
        ZooKeeperOp.CreateOp create => IsSequential(create.Mode),
        ZooKeeperOp.CreateTtlOp create => create.IsSequential,
        _ => false,
    };

    public static bool IsSequential(CreateMode mode) => mode is CreateMode.PersistentSequential or CreateMode.EphemeralSequential;

    private ZooKeeperErrorCode ReadResult(OpCode type, string path, ref JuteReader body, List<ZooKeeperOpResult> results)
    {
        switch (type)
        {
            case OpCode.Create:
                results.Add(new ZooKeeperOpResult(chroot.ToClientCreated(body.ReadString()), Stat: null));
                return ZooKeeperErrorCode.Ok;
            case OpCode.Create2:
                // Containers and znodes with a time to live answer so too.
                var created = chroot.ToClientCreated(body.ReadString());
                results.Add(new ZooKeeperOpResult(created, StatRecord.Read(ref body)));
                return ZooKeeperErrorCode.Ok;
            case OpCode.SetData:
                results.Add(new ZooKeeperOpResult(path, StatRecord.Read(ref body)));
                return ZooKeeperErrorCode.Ok;
            case OpCode.Delete or OpCode.Check:
                results.Add(new ZooKeeperOpResult(path, Stat: null));
                return ZooKeeperErrorCode.Ok;
            case OpCode.Error:
                results.Add(new ZooKeeperOpResult(path, Stat: null));
                return (ZooKeeperErrorCode)body.ReadInt32();
            default:
                throw new JuteException($"The reply to a multi holds a result of type {(int)type}.");
        }
    }
}

/// <summary>The operations of a multi, each behind its header.</summary>
internal readonly record struct MultiRecord(IReadOnlyList<ZooKeeperOp> Operations, Chroot Chroot, IReadOnlyList<Acl> DefaultAcl) : IRecord
{
    public void Write(FrameWriter writer) => MultiRequest.Write(writer, Operations, Chroot, DefaultAcl);
}
