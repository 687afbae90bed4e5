namespace RingKeeper.ZooKeeper.Wire;

// Records of the operations that came after 3.4.

/// <summary>A request without a body: whoAmI.</summary>
internal readonly record struct EmptyRecord : IRecord
{
    public void Write(FrameWriter writer)
    {
        // Nothing follows the header.
    }
}

/// <summary>createTTL; its flags are those of the two modes that only it knows.</summary>
internal readonly record struct CreateTtlRecord(string Path, ReadOnlyMemory<byte> Data, IReadOnlyList<Acl> Acl, bool IsSequential, long TtlMs) : IRecord
{
    private const int PersistentWithTtl = 5;
    private const int PersistentSequentialWithTtl = 6;

    // 40 bits are left for it beside the mark of the type (EphemeralType).
    private const long LongestMs = (1L << 40) - 1;

    /// <exception cref="ArgumentOutOfRangeException">The server would refuse it.</exception>
    public static long MillisecondsOf(TimeSpan timeToLive)
    {
        var milliseconds = timeToLive.Ticks / TimeSpan.TicksPerMillisecond;
        return milliseconds is >= 1 and <= LongestMs
            ? milliseconds
            : throw new ArgumentOutOfRangeException(nameof(timeToLive), timeToLive, $"A time to live must be from 1 ms to {LongestMs} ms.");
    }

    public void Write(FrameWriter writer)
    {
        new CreateRecord(Path, Data, Acl, IsSequential ? PersistentSequentialWithTtl : PersistentWithTtl).Write(writer);
        writer.WriteInt64(TtlMs);
    }
}

/// <summary>setACL.</summary>
internal readonly record struct SetAclRecord(string Path, IReadOnlyList<Acl> Acl, int Version) : IRecord
{
    public void Write(FrameWriter writer)
    {
        writer.WriteString(Path);
        AclRecords.Write(writer, Acl);
        writer.WriteInt32(Version);
    }
}

/// <summary>reconfig; what is not to change is null.</summary>
internal readonly record struct ReconfigRecord(string? Joining, string? Leaving, string? NewMembers, long FromVersion) : IRecord
{
    public void Write(FrameWriter writer)
    {
        writer.WriteString(Joining);
        writer.WriteString(Leaving);
        writer.WriteString(NewMembers);
        writer.WriteInt64(FromVersion);
    }
}

/// <summary>multiRead: reads behind headers as in a multi. The watch flag counts for nothing there.</summary>
internal readonly record struct MultiReadRecord(IReadOnlyList<(OpCode Type, string Path)> Reads) : IRecord
{
    public void Write(FrameWriter writer)
    {
        foreach (var (type, path) in Reads)
        {
            new MultiHeader(type, Done: false, -1).Write(writer);
            new PathWatchRecord(path, Watch: false).Write(writer);
        }

        MultiHeader.End.Write(writer);
    }
}
