using System.Reflection;
using System.Text;
using StackExchange.Redis;

namespace RingKeeper.CommandGenerator;

/// <summary>Writes the page that says which rule decides which commands.</summary>
internal static class CommandsPage
{
    private const int MostNames = 12;

    public static string Write(IReadOnlyList<DecidedMethod> decided)
    {
        var version = typeof(IDatabase).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        var faces = GeneratedFiles.Faces.Select(static face => (face.Interface.Name, Members: face.Decide(), face.Rules)).ToList();
        var text = new StringBuilder($$"""
            <!-- Written by tools/RingKeeper.CommandGenerator from its tables of rules; do not edit. -->
            # Commands on a ring

            Which face for which library:

            | face | what it does while a shard is away | for |
            |---|---|---|
            | `GetDatabase()`, `GetMultiplexer()` | keys and channels move to the next shard on the ring, and back when theirs returns | caches, counters, sessions, rate limits, publish/subscribe (SignalR) |
            | `GetDatabase(RoutePolicy.OwnerOnly)`, `GetMultiplexer(RoutePolicy.OwnerOnly)` | keys never leave their owner: `NoShardAvailableException` until it is back | what must not be split between two shards: key rings (Data Protection), jobs (Hangfire), records |
            | `GetShardDatabases()` | all shards, each for itself, dead or alive | locks by majority (DistributedLock, RedLock.net) |
            | `GetServer()` | all shards at once | emptying, counting, listing keys, loading scripts |

            What was run with each, and what its users may rely on: [libraries.md](libraries.md). All of `ZKCluster`, `Cluster` and `SingleConnector` have them:

            ```csharp
            var db = cluster.GetDatabase();
            await db.StringSetAsync("order:1000", "paid");
            var jobs = cluster.GetDatabase(RoutePolicy.OwnerOnly);   // never leaves a key's owner
            IConnectionMultiplexer redis = cluster.GetMultiplexer(); // for libraries that ask for one
            ```

            In a container, `AddRingKeeper(…).AddConnectionMultiplexer()` registers the multiplexer, and under the key `RoutePolicy.OwnerOnly` the one that never leaves an owner.

            Each call is routed on its own, by the view of that moment, to the shard's own connection; arguments, flags and results pass unchanged. Every member of each
            interface of StackExchange.Redis {{version}} is decided by the rules below, the first that fits; the code is generated from them, and a version that adds a member does not build
            until its rule is decided. The number before each list counts members, `Async` ones included; a number in brackets counts the commands of a family.

            ## `IDatabase`: {{decided.Count}} members


            """);
        AppendTable(text, decided, CommandRules.Table);
        text.Append("""

            `IBatch` and `ITransaction` take the same commands by the same rules, but for scans and `Ping`, and find their shards when they are executed. Of a transaction, all keys have to
            be on one shard; a command with many keys is split in a batch, and not in a transaction.

            """);
        foreach (var face in faces.Where(static face => face.Name != nameof(ISubscriber)))
        {
            text.Append($"\n## `{face.Name}`{(face.Name == nameof(IServer) ? ", as the whole ring" : "")}: {face.Members.Count} members\n\n");
            AppendTable(text, face.Members, face.Rules);
        }

        text.Append(PublishAndSubscribe());
        text.Append("""

            ## What is thrown, and when

            - **No shard serves a key.** Asynchronous calls do what `ConnectAsync` does: while a shard on the key's way has no status yet they wait up to
              `ReadyTimeout`, then the task fails with `ShardNotReadyException`; where every shard that may serve is dead, it fails at once with
              `NoShardAvailableException`. Synchronous calls never wait for a route: both exceptions come at once.
            - **A shard dies during a call.** The call fails as it does on one server, at once, and is not repeated: only the caller knows whether it may be.
              The next call after the change of view goes to the shard that stands in.
            - **Repeating.** `ExecuteAsync` of the cluster runs an operation again on the next view, within a deadline, as far as its retry category allows. The library's own
              `WithRetry` does it by attempts: `cluster.GetDatabase().WithRetry(RingRetryPolicy.Default)`.
            - **Part of a split command fails.** The others have done their part. The error is that of the first shard that failed, and `Data["RingKeeper.Parts"]` names all that did.
            - **Keys on different shards.** `CrossShardException` names the first key on each shard. Keys that a command takes together belong under one hash
              tag, on a ring that has one: `{user7}:cart` and `{user7}:orders` then lie together, and stay together when their shard dies. Keys that share an owner
              by chance do not: they may part at a failover.
            - **Synchronous calls** are the library's own: their replies need a thread of the pool, so that many at once starve each other. Prefer `Async`. A command that is split
              asks its shards one after another.
            - **Misuse** is thrown by the call itself, not by the task: a null key or channel is an `ArgumentException`, as in the library; what has no
              meaning on a ring is a `NotSupportedException` that says what to use instead.

            A scan by `IAsyncEnumerable` finds its shard each time it is begun, other scans when they are made. A cursor means something only to the shard that
            gave it.

            """);
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static void AppendTable(StringBuilder text, IReadOnlyList<DecidedMethod> decided, IReadOnlyList<CommandRule> rules)
    {
        text.Append("| calls | what becomes of them | methods |\n|---|---|---|\n");
        foreach (var group in decided.GroupBy(static d => d.Rule).OrderBy(group => rules.ToList().IndexOf(group.Key)))
        {
            text.Append($"| {group.Key.Title} | {group.Key.Says} | {Methods([.. group.Select(static d => d.Method)])} |\n");
        }
    }

    // The rules of the subscriber, and what they mean while a channel moves.
    private static string PublishAndSubscribe()
    {
        var text = new StringBuilder("""

            ## Publish and subscribe

            `GetMultiplexer().GetSubscriber()` gives the whole ring as one `ISubscriber`. A channel belongs to the shard that serves its name as a key, under the face's policy, and moves with it: when its shard
            dies or returns, is drained, added or removed. Use the failover face; on the owner face a channel is silent while its owner is away.


            """);
        AppendTable(text, CommandRules.Decide(CommandMethod.All(typeof(ISubscriber)), SubscriberRules.Table, nameof(SubscriberRules)), SubscriberRules.Table);
        return text.Append("""

            - **While a channel moves**, publishers publish on the new shard and, for 5 s and unless it is agreed to be dead, on the old one, for subscribers who have not seen the new view. Subscribers listen on both for 10 s
              after the new shard has confirmed. The copies are told by channel and text: what comes from another shard within 2 s is the copy, and is dropped; what is published twice arrives twice. In a change
              that nobody died of, so none is lost and none doubled as long as views lag by less than 3 s.
            - **The connection to a removed shard** is kept for 10 s where somebody publishes or subscribes, as long as the server is there. A batch or transaction publishes on the serving shard alone.
            - **What may be lost is told.** From the death of a shard until publishers and subscribers have moved, messages of its channels are lost, as are those published while a connection that is listened on is down. The
              counter `ringkeeper.subscriptions.gaps`, log events 121 to 123 and the multiplexer's `ConnectionFailed` tell of it; `ConfigurationChanged` tells of shards that join or leave. Who must know of every change
              reads it anew after a gap.
            - **Queues keep the order** in which messages arrive, that of each publisher on a shard; only two that went over the old and the new shard in the moment of a move may change places. Handlers run side
              by side in any order, as in the library. A queue outlives the connections to shards, and ends by its `Unsubscribe` or with the connector.
            - **A subscription that fails leaves nothing behind.** Asynchronous ones wait for a route as commands do, synchronous ones throw at once where none is. Both wait up to 1 s for the connection that is listened on, which a shard's first subscription
              opens: synchronous ones on their thread, and only while the shard is connected. One that stands is kept: the library makes it anew whenever a connection comes back, and a move is tried
              until the new shard confirms it.
            - **Notifications of keys** (`__keyspace@…`, `__keyevent@…`) come from the servers, each of its own keys, and are never taken for copies. The same event on two shards, as of a key that expires on
              its owner and on the shard that stood in, is heard from both.

            """).ToString();
    }

    // Few commands by name, many by family: the first word of the name.
    private static string Methods(IReadOnlyList<CommandMethod> methods)
    {
        var commands = methods.Select(static m => m.Command).Distinct().ToList();
        var names = commands.Count <= MostNames
            ? commands.Select(static name => $"`{name}`")
            : commands.GroupBy(FirstWord).OrderBy(static g => g.Key, StringComparer.Ordinal)
                .Select(static g => g.Count() == 1 ? $"`{g.First()}`" : $"`{g.Key}…` ({g.Count()})");
        return $"{methods.Count}: {string.Join(", ", names)}";
    }

    private static string FirstWord(string name)
    {
        var end = 1;
        while (end < name.Length && !char.IsUpper(name[end]))
        {
            end++;
        }

        return name[..end];
    }
}
