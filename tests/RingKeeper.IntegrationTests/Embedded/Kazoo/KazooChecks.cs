using Xunit;

namespace RingKeeper.IntegrationTests.Embedded.Kazoo;

/// <summary>The checks of kazoo_suite.py.</summary>
public static class KazooChecks
{
    /// <summary>Gets the checks that any server passes by itself.</summary>
    public static TheoryData<string> OfAnyServer { get; } =
    [
        "nodes", "node_errors", "stats", "watches", "data_watch", "children_watch", "ephemerals", "sequences",
        "transactions", "transaction_rollbacks", "locks", "locks_exclude", "read_write_locks", "semaphores", "election",
        "counters", "ensure_path", "parties", "barriers", "queues", "acls", "acl_errors", "foreign_sessions", "commands",
    ];

    /// <summary>Gets the checks that ask the server to cut a connection or to expire a session.</summary>
    public static TheoryData<string> OfAControlledServer { get; } = ["reconnect", "reconnect_watches", "session_expiry"];
}
