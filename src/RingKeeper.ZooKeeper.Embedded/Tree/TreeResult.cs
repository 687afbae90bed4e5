using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>What became of one operation: the final path of a create, the new stat where the answer holds one.</summary>
internal readonly record struct TreeResult(ZooKeeperErrorCode Error, string Path = "", Stat? Stat = null)
{
    public static implicit operator TreeResult(ZooKeeperErrorCode error) => new(error);

    /// <summary>Writes the body of an answer: a path, a stat, both or nothing, as the result type asks.</summary>
    public void Write(FrameWriter writer, OpCode resultType)
    {
        if (resultType is OpCode.Create or OpCode.Create2)
        {
            writer.WriteString(Path);
        }

        if (resultType is OpCode.Create2 or OpCode.SetData or OpCode.SetAcl)
        {
            StatRecord.Write(writer, Stat!.Value);
        }
    }
}
