using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Runs the operations that take a zxid, also when they fail and when they cannot be read.</summary>
internal static class WriteRequests
{
    /// <returns>Null when the operation is not one that writes.</returns>
    public static Reply? Execute(OpCode type, ref JuteReader reader, Database database, Caller caller)
    {
        switch (type)
        {
            case OpCode.Create or OpCode.Create2 or OpCode.CreateContainer or OpCode.CreateTtl or OpCode.Delete or OpCode.SetData or OpCode.SetAcl:
                return Single(type, ref reader, database, caller, database.Begin());
            case OpCode.Multi:
                return Multi(ref reader, database, caller, database.Begin());
            case OpCode.Reconfig when database.Rules.HasConfig:
                return Reconfig(ref reader, database, caller, database.Begin());
            default:
                return null;
        }
    }

    private static Reply Single(OpCode type, ref JuteReader reader, Database database, Caller caller, TreeTransaction transaction)
    {
        var operation = TreeOperation.Read(type, ref reader);
        var result = database.Tree.Apply(operation, caller, transaction);
        if (result.Error != ZooKeeperErrorCode.Ok)
        {
            return result.Error;
        }

        database.Publish(transaction, (tree, again) => tree.Apply(operation, caller, again));
        return Reply.With(writer => result.Write(writer, operation.ResultType));
    }

    private static Reply Reconfig(ref JuteReader reader, Database database, Caller caller, TreeTransaction transaction)
    {
        var (joining, leaving, newMembers, version) = (reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadInt64());
        var error = database.Reconfigure(joining, leaving, newMembers, version, caller, transaction, out var result);
        if (error != ZooKeeperErrorCode.Ok)
        {
            return error;
        }

        return Reply.With(writer =>
        {
            writer.WriteBuffer(database.Tree.Find(DataTree.ConfigPath)!.Data);
            StatRecord.Write(writer, result.Stat!.Value);
        });
    }

    private static Reply Multi(ref JuteReader reader, Database database, Caller caller, TreeTransaction transaction)
    {
        var operations = MultiRequest.Read(ref reader, database.Rules);
        var results = MultiRequest.Apply(operations, database.Tree, caller, transaction);
        database.Publish(transaction, (tree, again) => MultiRequest.Apply(operations, tree, caller, again));
        return Reply.With(writer => MultiRequest.WriteResults(writer, operations, results));
    }
}
