namespace RingKeeper.Simulator;

/// <summary>What must hold in every run, whatever goes wrong.</summary>
internal enum Law
{
    /// <summary>A shard's state flips only while a strict majority of countable votes says so, at the zxid of the flip.</summary>
    FlipHasMajority,

    /// <summary>Only whoever stands first in line at that zxid, or takes away all before it in the same write, changes the status.</summary>
    OnlyTheFirstWrites,

    /// <summary>Nobody's node is taken but by the decision that was due.</summary>
    UnseatedByADecision,

    /// <summary>A stamp never goes back, and what flips gets one above all in sight.</summary>
    StampsRise,

    /// <summary>A checker calls a shard dead only after something between the two, or one of them, was wrong.</summary>
    DeadVoteHasACause,

    /// <summary>While a strict majority of the checkers is well and sees a shard that is well, it does not die.</summary>
    SomeBlindKillNothing,

    /// <summary>Many deaths at once wait for agreement or for the hold.</summary>
    ManyDeathsWait,

    /// <summary>Whoever publishes many deaths at once has raised an alarm before.</summary>
    ManyDeathsAreTold,

    /// <summary>Where it is not known how many checkers there should be, nobody publishes a death before it has had its place for the threshold, and two seconds at least.</summary>
    OfficeHolds,

    /// <summary>Without a fault the leader stays.</summary>
    LeaderStays,

    /// <summary>A shard that is dead for all is dead, and one alive for all alive, within the bound.</summary>
    TruthInTime,

    /// <summary>All connected views are the newest within the bound.</summary>
    ViewsConverge,

    /// <summary>A view's epochs never go down.</summary>
    EpochsRise,

    /// <summary>A checker that runs and is connected has one node, its own.</summary>
    OneNodeEach,

    /// <summary>Every decision of ours is on record, in the same write.</summary>
    DecisionIsRecorded,

    /// <summary>No failure of ZooKeeper or of a shard ends a checker.</summary>
    NoStepFails,

    /// <summary>A read misses, or gives a value no older than the newest current write that was acknowledged before it began and before anything that its client does not know was published.</summary>
    ReadsAreFresh,

    /// <summary>What a client with the newest view has read past is never read with the newest view again.</summary>
    NoneReturns,

    /// <summary>No write takes the place of one that was made under a later epoch.</summary>
    LaterEpochStays,

    /// <summary>A check-and-set replaces exactly the copy that its token names.</summary>
    SwapMeetsItsCopy,

    /// <summary>The copy that a check-and-set replaces is one that a read would have been allowed to give.</summary>
    SwapIsOfAFreshCopy,

    /// <summary>A check-and-set with the token of a miss is done only where a read would miss.</summary>
    SwapOfNoneMeetsAMiss,

    /// <summary>Under the newest view, a miss is filled with nothing older than the newest current write or removal that was acknowledged by then.</summary>
    FillsAreFresh,
}
