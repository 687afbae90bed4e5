using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>What a client was asked to do in the run.</summary>
internal enum OperationKind
{
    /// <summary>setData of a register.</summary>
    Set,

    /// <summary>getData of a register.</summary>
    Read,

    /// <summary>The same, behind a sync.</summary>
    SyncedRead,

    /// <summary>create of a znode whose name is used once.</summary>
    Create,

    /// <summary>create of an ephemeral znode whose name is used once.</summary>
    CreateEphemeral,

    /// <summary>create of a znode that is looked for where the answer is lost, ephemeral and numbered; its path is what was asked for.</summary>
    CreateProtected,

    /// <summary>delete of such a znode, by whoever created it.</summary>
    Delete,
}

/// <summary>How an operation ended.</summary>
internal enum Ending
{
    /// <summary>It never did: nobody knows, and the caller waits for ever.</summary>
    Unanswered,

    /// <summary>The servers did it and said so.</summary>
    Acknowledged,

    /// <summary>The servers said that they did not.</summary>
    Refused,

    /// <summary>It never left.</summary>
    NotSent,

    /// <summary>It may have been done.</summary>
    Unknown,
}

/// <summary>One operation of one client: when it was called and answered by the one clock of the run, and what the answer told.</summary>
/// <param name="Client">The client.</param>
/// <param name="Call">Its place among the calls of the client, which are executed in this order.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Path">The znode.</param>
/// <param name="Value">What is written, different each time; empty for a read.</param>
/// <param name="Begun">When it was called.</param>
internal sealed record Operation(int Client, long Call, OperationKind Kind, string Path, string Value, long Begun)
{
    /// <summary>When it was answered.</summary>
    public long Ended { get; set; } = long.MaxValue;

    public Ending Ending { get; set; }

    public ZooKeeperErrorCode Code { get; set; }

    /// <summary>The state that the answer told, of a register: what a read read and what a write left behind.</summary>
    public RegisterState? State { get; set; }

    /// <summary>The client's session when it was called and answered; 0 if these differ.</summary>
    public int Epoch { get; set; }

    public bool IsRead => Kind is OperationKind.Read or OperationKind.SyncedRead;

    public bool MayBeApplied => Ending is Ending.Acknowledged or Ending.Unknown or Ending.Unanswered;
}

/// <summary>A register as a server told it.</summary>
internal readonly record struct RegisterState(long Mzxid, int Version, long Czxid, string Value);
