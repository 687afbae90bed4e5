using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>A write, or the check of a multi, as it came from the wire.</summary>
internal abstract record TreeOperation(string Path)
{
    /// <summary>The type that marks the result of this operation in the answer to a multi.</summary>
    public abstract OpCode ResultType { get; }

    public static TreeOperation Read(OpCode type, ref JuteReader reader)
    {
        switch (type)
        {
            case OpCode.Create or OpCode.Create2 or OpCode.CreateContainer or OpCode.CreateTtl:
                var create = CreateRecord.Read(ref reader);
                var timeToLive = type == OpCode.CreateTtl ? reader.ReadInt64() : -1;
                return new CreateOperation(type, create.Path, AsNullable(create.Data), create.Acl, create.Flags, timeToLive);
            case OpCode.Delete:
                var delete = PathVersionRecord.Read(ref reader);
                return new DeleteOperation(delete.Path, delete.Version);
            case OpCode.SetData:
                var setData = SetDataRecord.Read(ref reader);
                return new SetDataOperation(setData.Path, AsNullable(setData.Data), setData.Version);
            case OpCode.Check:
                var check = PathVersionRecord.Read(ref reader);
                return new CheckOperation(check.Path, check.Version);
            case OpCode.SetAcl:
                return new SetAclOperation(reader.ReadString() ?? "", AclRecords.Read(ref reader), reader.ReadInt32());
            default:
                throw new JuteException($"Operation {(int)type} does not write to the tree.");
        }
    }

    // The records read a null buffer as default memory and an empty buffer as memory over an empty array; only Equals tells them apart.
    private static byte[]? AsNullable(ReadOnlyMemory<byte> data) => data.Equals(default) ? null : data.ToArray();
}

internal sealed record CreateOperation(OpCode Type, string Path, byte[]? Data, IReadOnlyList<Acl> Acl, int Flags, long TimeToLive = -1) : TreeOperation(Path)
{
    public override OpCode ResultType => Type == OpCode.Create ? OpCode.Create : OpCode.Create2;
}

internal sealed record DeleteOperation(string Path, int Version) : TreeOperation(Path)
{
    public override OpCode ResultType => OpCode.Delete;
}

internal sealed record SetDataOperation(string Path, byte[]? Data, int Version) : TreeOperation(Path)
{
    public override OpCode ResultType => OpCode.SetData;
}

internal sealed record CheckOperation(string Path, int Version) : TreeOperation(Path)
{
    public override OpCode ResultType => OpCode.Check;
}

internal sealed record SetAclOperation(string Path, IReadOnlyList<Acl> Acl, int Version) : TreeOperation(Path)
{
    public override OpCode ResultType => OpCode.SetAcl;
}
