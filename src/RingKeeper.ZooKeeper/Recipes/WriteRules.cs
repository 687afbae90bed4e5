namespace RingKeeper.ZooKeeper;

/// <summary>What a znode tells of a write to it whose answer was lost. Pure.</summary>
internal static class WriteRules
{
    /// <summary>Judges a change of data that demanded the version that was read.</summary>
    /// <param name="read">The znode before the write.</param>
    /// <param name="now">The znode now, or null where it is gone.</param>
    /// <param name="written">What was to be written.</param>
    public static WriteVerdict Judge(Stat read, NodeData? now, ReadOnlySpan<byte> written)
    {
        if (now is not { } node || node.Stat.Czxid != read.Czxid)
        {
            return WriteVerdict.Overtaken;
        }

        return unchecked(node.Stat.Version - read.Version) switch
        {
            0 => WriteVerdict.NotApplied,

            // One write only has followed: ours or another's, which has made ours come too late.
            1 => written.SequenceEqual(node.Data) ? WriteVerdict.Applied : WriteVerdict.NotApplied,
            _ => WriteVerdict.Overtaken,
        };
    }
}
