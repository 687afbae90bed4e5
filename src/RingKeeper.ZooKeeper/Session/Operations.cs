using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>What is known of the operations that came after ZooKeeper 3.4 (ZooDefs.OpCode of its releases).</summary>
internal static class Operations
{
    /// <summary>The first release that has an operation; null for what every server has.</summary>
    public static string? FirstVersionOf(OpCode type) => type switch
    {
        OpCode.Create2 or OpCode.Reconfig or OpCode.CheckWatches or OpCode.RemoveWatches => "3.5.0",
        OpCode.CreateContainer or OpCode.CreateTtl => "3.5.3",
        OpCode.MultiRead or OpCode.GetEphemerals or OpCode.GetAllChildrenNumber or OpCode.SetWatches2 or OpCode.AddWatch => "3.6.0",
        OpCode.WhoAmI => "3.7.0",
        _ => null,
    };

    /// <summary>What a caller can do without the operation.</summary>
    public static string? RemedyFor(OpCode type) => type switch
    {
        OpCode.Create2 => "use CreateAsync and ExistsAsync",
        OpCode.CreateContainer or OpCode.CreateTtl => "create a persistent znode and delete it when it is not needed any more",
        OpCode.MultiRead => "read the znodes one by one",
        OpCode.GetAllChildrenNumber => "walk the tree",
        OpCode.AddWatch => "watch with WatchMode.Persistent, which is served by one-shot watches there",
        OpCode.Reconfig => "change the configuration files and restart the servers one by one",
        _ => null,
    };

    /// <summary>Whether the reply says that the server does not know the operation at all. Such a server closes the connection behind it, and keeps the session.</summary>
    public static bool IsUnknownToServer(ReplyHeader header) =>
        header.Error == ZooKeeperErrorCode.Unimplemented && header.Zxid <= 0;

    /// <summary>Says what to do about a server that knows an operation and has it switched off; null for any other refusal.</summary>
    public static string? DescribeRefusal(OpCode type, ReplyHeader header) =>
        header.Error != ZooKeeperErrorCode.Unimplemented || IsUnknownToServer(header) ? null : type switch
        {
            OpCode.CreateTtl => "The ZooKeeper server has znodes with a time to live switched off; nothing was created. Set zookeeper.extendedTypesEnabled=true on every server.",
            OpCode.Reconfig => "This ZooKeeper server cannot be reconfigured: it stands alone or has dynamic configuration switched off (standaloneEnabled, reconfigEnabled).",
            _ => null,
        };
}
