using System.Collections.Frozen;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Names why a command failed, in few words of which none comes from a caller. Pure.</summary>
internal static class CommandError
{
    // What servers begin their errors with. A list, not whatever an error begins with: a script chooses its own sentence, which may begin with a key.
    private static readonly FrozenSet<string> Prefixes = FrozenSet.ToFrozenSet(
    [
        "ASK", "BUSY", "BUSYGROUP", "BUSYKEY", "CLUSTERDOWN", "CROSSSLOT", "ERR", "EXECABORT", "INPROG", "INVALIDOBJ", "IOERR", "LOADING", "MASTERDOWN", "MISCONF",
        "MOVED", "NOAUTH", "NOGOODSLAVE", "NOGROUP", "NOMASTERLINK", "NOPERM", "NOPROTO", "NOREPLICAS", "NOSCRIPT", "NOTBUSY", "NOTREADY", "OOM", "READONLY",
        "SYNTAX", "TRYAGAIN", "UNBLOCKED", "UNKILLABLE", "WRONGPASS", "WRONGTYPE",
    ], StringComparer.Ordinal);

    /// <summary>The prefix of the error that a server answered, such as <c>MOVED</c>; null where it was none, or none that servers are known for.</summary>
    public static string? StatusOf(Exception error)
    {
        if (error is not RedisServerException answer)
        {
            return null;
        }

        var end = answer.Message.IndexOf(' ', StringComparison.Ordinal);
        return Prefixes.TryGetValue(end < 0 ? answer.Message : answer.Message[..end], out var prefix) ? prefix : Reworded(answer.Kind);
    }

    /// <summary>The class of an error; <c>canceled</c> where the caller gave up.</summary>
    public static string TypeOf(Exception error) => error is OperationCanceledException ? "canceled" : error.GetType().FullName ?? error.GetType().Name;

    // Of these the library makes sentences of its own.
    private static string? Reworded(RedisErrorKind kind) => kind switch
    {
        RedisErrorKind.Moved => "MOVED",
        RedisErrorKind.Ask => "ASK",
        _ => null,
    };
}
