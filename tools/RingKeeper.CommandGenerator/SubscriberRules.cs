using static RingKeeper.CommandGenerator.FaceRules;

namespace RingKeeper.CommandGenerator;

/// <summary>What becomes of the members of <c>ISubscriber</c>.</summary>
internal static class SubscriberRules
{
    public static IReadOnlyList<CommandRule> Table { get; } =
    [
        Call("Subscribing", "On the shard that the channel's name, taken as a key, belongs to, and with the channel to the next. `__keyspace@N__:key` goes with its key. Patterns and `__keyevent@N__:…`: on all shards, those that join too.", "Subscribe"),
        Call("Ending subscriptions", "Wherever they are, and only those made through this subscriber: what others have subscribed on the shards' connections stays.", "Unsubscribe", "UnsubscribeAll"),
        Call("Publishing", "The shard that the channel's name, taken as a key, belongs to; for 5 s after the channel has moved, the shard before it too. The answer is the larger of the two.", "Publish"),
        Call("Which server", "That of the shard that the channel belongs to.", "IdentifyEndpoint", "SubscribedEndpoint", "IsConnected"),
        Call("`Ping`", "The subscription connections of all shards that are not agreed to be dead, side by side; the longest time.", "Ping"),
        By("`Multiplexer`", "The ring's.", static _ => "Multiplexer", "Multiplexer"),
        By("Waiting for tasks", "Asks nothing of a server: done as the library does it.", static m => $"Any.{m.Name}({Arguments(m)})", "Wait", "WaitAll", "TryWait"),
    ];
}
