namespace RingKeeper.ZooKeeper;

/// <summary>Tells what is known of an operation that failed.</summary>
public enum OperationOutcome
{
    /// <summary>The server answered with an error: the operation was not applied.</summary>
    Refused,

    /// <summary>The request never left this process: it was not applied and may be tried again.</summary>
    NotSent,

    /// <summary>The request was sent and no answer came: it may or may not have been applied. Read before trying again.</summary>
    Unknown,
}
