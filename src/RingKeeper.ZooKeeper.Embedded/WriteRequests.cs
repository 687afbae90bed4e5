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

        database.Publish(transaction);
        return Reply.With(writer => result.Write(writer, operation.ResultType));
    }

    private static Reply Multi(ref JuteReader reader, Database database, Caller caller, TreeTransaction transaction)
    {
        var operations = MultiRequest.Read(ref reader);
        var results = MultiRequest.Apply(operations, database.Tree, caller, transaction);
        database.Publish(transaction);
        return Reply.With(writer => MultiRequest.WriteResults(writer, operations, results));
    }
}
