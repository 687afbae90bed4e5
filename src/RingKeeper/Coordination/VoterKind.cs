namespace RingKeeper;

/// <summary>Which program a checker's node belongs to, as far as its vote tells.</summary>
internal enum VoterKind
{
    /// <summary>The vote says nothing yet, or cannot be read.</summary>
    Unknown,

    /// <summary>A checker of RingKeeper: each entry says when it was written.</summary>
    RingKeeper,

    /// <summary>A checker of the Go package.</summary>
    Go,
}
