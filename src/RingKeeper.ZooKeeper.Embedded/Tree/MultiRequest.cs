using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>Several writes that happen together or not at all.</summary>
internal static class MultiRequest
{
    public static List<TreeOperation> Read(ref JuteReader reader, VersionRules rules)
    {
        var operations = new List<TreeOperation>();
        for (var header = MultiHeader.Read(ref reader); !header.Done; header = MultiHeader.Read(ref reader))
        {
            if (header.Type == OpCode.SetAcl || !rules.Knows(header.Type))
            {
                throw new JuteException($"{header.Type} cannot be part of a multi.");
            }

            var operation = TreeOperation.Read(header.Type, ref reader);
            operations.Add(operation is CreateOperation create ? AsInMulti(create) : operation);
        }

        return operations;
    }

    /// <summary>Runs the operations in order; at the first failure everything is taken back.</summary>
    /// <returns>One result per operation: all done, or before the culprit 0, the culprit its code, after it RuntimeInconsistency.</returns>
    /// <exception cref="JuteException">A create has the flags of a time to live and states none.</exception>
    public static IReadOnlyList<TreeResult> Apply(IReadOnlyList<TreeOperation> operations, DataTree tree, Caller caller, TreeTransaction transaction)
    {
        var results = new TreeResult[operations.Count];
        for (var i = 0; i < results.Length; i++)
        {
            if (operations[i] is CreateOperation { Flags: 5 or 6, Type: not OpCode.CreateTtl })
            {
                // Apache ZooKeeper finds it out when it comes to it, and so never behind an operation that failed.
                transaction.Rollback();
                throw new JuteException("A create with a time to live must state it.");
            }

            results[i] = tree.Apply(operations[i], caller, transaction);
            if (results[i].Error != ZooKeeperErrorCode.Ok)
            {
                transaction.Rollback();
                Array.Fill(results, new TreeResult(ZooKeeperErrorCode.Ok), 0, i);
                Array.Fill(results, new TreeResult(ZooKeeperErrorCode.RuntimeInconsistency), i + 1, results.Length - i - 1);
                break;
            }
        }

        return results;
    }

    public static void WriteResults(FrameWriter writer, IReadOnlyList<TreeOperation> operations, IReadOnlyList<TreeResult> results)
    {
        var failed = results.Any(result => result.Error != ZooKeeperErrorCode.Ok);
        for (var i = 0; i < results.Count; i++)
        {
            if (failed)
            {
                WriteError(writer, results[i].Error);
                continue;
            }

            new MultiHeader(operations[i].ResultType, Done: false, 0).Write(writer);
            results[i].Write(writer, operations[i].ResultType);
        }

        MultiHeader.End.Write(writer);
    }

    public static void WriteError(FrameWriter writer, ZooKeeperErrorCode error)
    {
        new MultiHeader(OpCode.Error, Done: false, (int)error).Write(writer);
        writer.WriteInt32((int)error);
    }

    // In a multi Apache ZooKeeper 3.8 takes the kind of create from the flags: create2 is answered as create, and a time to live
    // counts only with the flags for one, which in turn only createTTL may carry: see above.
    private static CreateOperation AsInMulti(CreateOperation create) => create.Flags switch
    {
        5 or 6 => create,
        4 => create with { Type = OpCode.CreateContainer, TimeToLive = -1 },
        _ => create with { Type = OpCode.Create, TimeToLive = -1 },
    };
}
