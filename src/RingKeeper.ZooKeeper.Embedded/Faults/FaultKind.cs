namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>What may befall one request.</summary>
internal enum FaultKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The connection is cut before the request is carried out.</summary>
    LoseRequest,

    /// <summary>The request is carried out and the connection is cut in place of the reply.</summary>
    LoseReply,

    /// <summary>The request is answered, and then the connection is cut.</summary>
    CutBehindReply,

    /// <summary>The reply and all that follows on the connection comes in pieces of one byte.</summary>
    Trickle,
}
