using static RingKeeper.CommandGenerator.FaceRules;

namespace RingKeeper.CommandGenerator;

/// <summary>What becomes of the members of <c>IServer</c> where it stands for the whole ring.</summary>
internal static class ServerRules
{
    private const string OfOne = "Ask each shard for its own: GetServers() of the Multiplexer gives them.";

    public static IReadOnlyList<CommandRule> Table { get; } =
    [
        By("Emptying, settings, saving, forgetting scripts and statistics", "Every shard of the view, those agreed to be dead too, side by side. Where one fails, the others have done their part, and the error names it.",
            static m => $"{(IsTask(m) ? "DoAsync" : "Do")}(\"{m.Command}\", server => server.{m.Name}({Arguments(m)}))",
            "FlushAllDatabases", "FlushDatabase", "ScriptFlush", "ConfigSet", "ConfigResetStatistics", "ConfigRewrite", "MemoryPurge", "Save", "SlowlogReset", "SwapDatabases"),
        OnAll("Counting", "The sum over all shards that are not agreed to be dead, side by side.", "Merges.Sum",
            "DatabaseSize", "SubscriptionPatternCount", "SubscriptionSubscriberCount", "LatencyReset"),
        new("Closing clients' connections", "On all shards that are not agreed to be dead; the sum.",
            static m => m.Command == "ClientKill" && m.Info.ReturnType != typeof(void) && m.Info.ReturnType != typeof(Task), Way.Expression, static m => Ask(m, "Merges.Sum")),
        Refuse("Closing one client's connection", "It is a client of one shard: use ClientKill of the shard's own server.", "ClientKill"),
        new("`ScriptLoad`", "All shards that are not agreed to be dead, side by side. Scripts need not be loaded: the connections do it where a server lacks one.",
            static m => m.Command == "ScriptLoad", Way.Expression, static m => Ask(m, "Merges.Same")),
        OnAll("`ScriptExists`", "Whether all shards that are not agreed to be dead have it.", "Merges.All", "ScriptExists"),
        OnAll("`ClientList`, `SubscriptionChannels`", "Those of all shards that are not agreed to be dead, one shard's after another's.", "Merges.Concatenated", "ClientList", "SubscriptionChannels"),
        By("`Keys`", "The keys of all shards that are not agreed to be dead, one shard after another. A key that moved may be told twice. A cursor is refused: it means something only to its shard.",
            static m => m.ReturnsAsyncEnumerable ? $"ScanAsync(cursor, pageOffset, server => server.{m.Name}({Arguments(m)}))"
                : m.Parameters.Any(static p => p.Name == "cursor") ? $"Scan(cursor, pageOffset, server => server.{m.Name}({Arguments(m)}))"
                : $"Scan(0, 0, server => server.{m.Name}({Arguments(m)}))",
            "Keys"),
        Call("`Ping`", "All shards that are not agreed to be dead, side by side; the longest time.", "Ping"),
        OnAll("`LastSave`", "The earliest.", "Merges.Earliest", "LastSave"),
        By("What servers are", "The oldest `Version` of the shards and its `Features`, the smallest `DatabaseCount`; `IsConnected` while all are that are not agreed to be dead.",
            static m => m.Name, "Version", "Features", "DatabaseCount", "IsConnected"),
        By("Kind of server, commands, invented keys, replies in themselves", "Any shard's answer.",
            static m => m.IsProperty ? $"AnyServer.{m.Name.Replace("Slave", "Replica", StringComparison.Ordinal)}" : $"AnyServer.{m.Name}({Arguments(m)})",
            "ServerType", "Protocol", "GetProductVariant", "IsReplica", "IsSlave", "AllowReplicaWrites", "AllowSlaveWrites", "CommandCount", "CommandGetKeys", "CommandList", "Echo", "InventKey"),
        By("`GetCounters`", "The sums.", static _ => "GetCounters()", "GetCounters"),
        By("`ClusterConfiguration`", "Null, as of any server that is no Redis Cluster.", static _ => "null", "ClusterConfiguration"),
        By("`Multiplexer`", "The ring's.", static _ => "Multiplexer", "Multiplexer"),
        By("Waiting for tasks", "Asks nothing of a server: done as the library does it.", static m => $"Any.{m.Name}({Arguments(m)})", "Wait", "WaitAll", "TryWait"),
        Refuse("Its end point", "A ring has as many as shards: use GetEndPoints of the Multiplexer.", "EndPoint"),
        Refuse("What each server tells of itself", OfOne,
            "Info", "InfoRaw", "ConfigGet", "Role", "Time", "SlowlogGet", "LatencyDoctor", "LatencyHistory", "LatencyLatest", "MemoryDoctor", "MemoryStats", "MemoryAllocatorStats",
            "HotKeysStart", "HotKeysStop", "HotKeysReset", "HotKeysGet"),
        Refuse("Ad-hoc commands", "Nothing says whether a command is meant for one shard or for all: use Execute of the database, with a key, or of each shard's own server from GetServers() of the Multiplexer.", "Execute"),
        Refuse("Shutting down", "It would stop the whole cluster: use Shutdown of one shard's own server, after `ringkeeper shard drain`.", "Shutdown"),
        Refuse("Replication", "Shards of a ring have no replicas that it knows of; use the shard's own server.",
            "MakeMaster", "MakePrimary", "SlaveOf", "ReplicaOf"),
        Refuse("Redis Cluster and Sentinel", "A ring is neither: its topology and status stand in ZooKeeper, and the View tells them.",
            "ClusterSlots", "ClusterSlotStatsBySlotRange", "ClusterSlotStatsOrderBy", "ClusterNodes", "ClusterNodesRaw",
            "SentinelGetMasterAddressByName", "SentinelGetSentinelAddresses", "SentinelGetReplicaAddresses", "SentinelMaster", "SentinelMasters",
            "SentinelSlaves", "SentinelReplicas", "SentinelFailover", "SentinelSentinels"),
    ];

    private static CommandRule OnAll(string title, string says, string merge, params string[] names) => By(title, says, m => Ask(m, merge), names);

    private static string Ask(CommandMethod method, string merge) =>
        $"{(IsTask(method) ? "AskAsync" : "Ask")}(\"{method.Command}\", server => server.{method.Name}({Arguments(method)}), {merge})";

    private static bool IsTask(CommandMethod method) => typeof(Task).IsAssignableFrom(method.Info.ReturnType);
}
