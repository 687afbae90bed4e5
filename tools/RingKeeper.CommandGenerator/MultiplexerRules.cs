using static RingKeeper.CommandGenerator.FaceRules;

namespace RingKeeper.CommandGenerator;

/// <summary>What becomes of the members of <c>IConnectionMultiplexer</c>.</summary>
internal static class MultiplexerRules
{
    public static IReadOnlyList<CommandRule> Table { get; } =
    [
        Call("Databases", "The ring as a database with the same policy; a number other than that of the shards' settings is used on every shard.", "GetDatabase"),
        Call("Subscribers", "The ring as a subscriber with the same policy.", "GetSubscriber"),
        By("Servers", "The shards' own: by end point, by key the shard that serves it, or all shards of the present view.",
            static m => m.Parameters is [{ ParameterType.Name: "RedisKey" }, ..] ? $"ServerOf({Arguments(m)})" : $"{m.Name}({Arguments(m)})",
            "GetServer", "GetServers", "GetEndPoints"),
        By("Events", "Those of all shards' connections, of shards that join later too. `ConfigurationChanged` also tells each shard that joins or leaves.",
            static m => $"Events.{m.Name}",
            "ErrorMessage", "ConnectionFailed", "InternalError", "ConnectionRestored", "ConfigurationChanged", "ConfigurationChangedBroadcast", "ServerMaintenanceEvent", "HashSlotMoved"),
        By("Whether it is connected or connecting, how much it does", "`IsConnected` while any shard is; `IsConnecting` while none is and any tries; counts are sums.",
            static m => m.IsProperty ? m.Name : $"{m.Name}()",
            "IsConnected", "IsConnecting", "OperationCount", "GetCounters"),
        By("Settings", "Those of a shard's connection, without end points; setting one sets it on all shards, those that join later too.",
            static m => m.IsProperty ? m.Name : $"{m.Name}({Arguments(m)})",
            "ClientName", "Configuration", "TimeoutMilliseconds", "PreserveAsyncOrder", "StormLogThreshold", "RegisterProfiler", "AddLibraryNameSuffix"),
        By("Waiting for tasks, hash slots", "Asks nothing of a server: done as the library does it.",
            static m => $"Any.{m.Name}({Arguments(m)})",
            "Wait", "WaitAll", "HashSlot", "GetHashSlot"),
        Call("Looking at all servers anew, status, storm logs", "On every shard's connection; texts one after another.", "Configure", "GetStatus", "GetStormLog", "ResetStormLog"),
        By("Closing", "Closes nothing: the connections are the cluster's, which closes them when it is disposed.",
            static m => m.Info.ReturnType == typeof(Task) ? "Task.CompletedTask" : m.Info.ReturnType == typeof(ValueTask) ? "default" : "Nothing()",
            "Close", "Dispose"),
        By("`ToString`", "The cluster and how many shards it has.", static _ => "ToString()", "ToString"),
        Refuse("Details in exceptions", "The library gives it up: set IncludeDetailInExceptions of the settings that ConfigureRedis is given.", "IncludeDetailInExceptions"),
        Refuse("Telling others to look anew", "Clients of a ring hear of changes from ZooKeeper: change the cluster with ZKManager or `ringkeeper cluster update`.", "PublishReconfigure"),
        Refuse("Exporting the configuration", "A ring has no one set of servers that know each other: use ExportConfiguration of a shard's own Multiplexer, from GetServers, or `ringkeeper cluster export`.", "ExportConfiguration"),
    ];
}
