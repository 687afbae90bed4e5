using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Reads the results of a multiRead; each carries its own error.</summary>
internal static class MultiReadReply
{
    public static IReadOnlyList<ZooKeeperReadResult> Read(ref JuteReader reply, IReadOnlyList<ZooKeeperRead> reads)
    {
        var results = new List<ZooKeeperReadResult>(reads.Count);
        for (var result = MultiHeader.Read(ref reply); !result.Done; result = MultiHeader.Read(ref reply))
        {
            if (results.Count == reads.Count)
            {
                throw new JuteException($"The reply to a multiRead of {reads.Count} reads holds more results.");
            }

            results.Add(ReadResult(result.Type, reads[results.Count], ref reply));
        }

        return results.Count == reads.Count
            ? results
            : throw new JuteException($"The reply to a multiRead of {reads.Count} reads holds {results.Count} results.");
    }

    private static ZooKeeperReadResult ReadResult(OpCode type, ZooKeeperRead read, ref JuteReader reply) => (type, read.WantsChildren) switch
    {
        (OpCode.GetData, false) => new ZooKeeperReadResult(read, new NodeData(reply.ReadBuffer() ?? [], StatRecord.Read(ref reply))),
        (OpCode.GetChildren, true) => new ZooKeeperReadResult(read, reply.ReadStrings()),
        (OpCode.Error, _) => new ZooKeeperReadResult(read, new ZooKeeperException((ZooKeeperErrorCode)reply.ReadInt32(), read.Path)),
        _ => throw new JuteException($"The reply to a multiRead holds a result of type {(int)type} for {read}."),
    };
}
