using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace RingKeeper;

/// <summary>How the votes on one shard were counted, and what follows.</summary>
/// <param name="Addr">The shard's address.</param>
/// <param name="Alive">How many countable votes say alive.</param>
/// <param name="Dead">How many countable votes say dead.</param>
/// <param name="Abstaining">How many checkers present say nothing of it.</param>
/// <param name="Stale">How many votes are too old to count.</param>
/// <param name="Denominator">The larger of the checkers expected and those present; a strict majority is more than half of it.</param>
/// <param name="Why">What follows and why, in words and numbers.</param>
internal sealed record ShardCount(string Addr, int Alive, int Dead, int Abstaining, int Stale, int Denominator, string Why)
{
    /// <summary>Gets the votes, one a checker, in the order of election.</summary>
    public ImmutableArray<CountedVote> Votes { get; init; } = [];

    /// <summary>Gets what holds a death that a majority wants, or null.</summary>
    public Hold? Hold { get; init; }

    /// <summary>Gets how many votes are a strict majority.</summary>
    [JsonIgnore]
    public int Needed => (Denominator / 2) + 1;
}

/// <summary>One checker's vote on one shard as it was counted.</summary>
/// <param name="Node">The checker's node.</param>
/// <param name="Checker">The checker's id, or null.</param>
/// <param name="Says">Alive, dead, or nothing.</param>
/// <param name="IsStale">Whether it is too old to count.</param>
/// <param name="AgeMilliseconds">How old it is by ZooKeeper's clock.</param>
/// <param name="Error">The class of the last bad result of its probes, or null.</param>
/// <param name="RttMicroseconds">The mean of its round trips, or null.</param>
/// <param name="RunId">The server's run_id that it saw, or null.</param>
internal sealed record CountedVote(string Node, string? Checker, bool? Says, bool IsStale, long AgeMilliseconds, string? Error, long? RttMicroseconds, string? RunId);

/// <summary>What holds a death that a strict majority wants.</summary>
/// <param name="IsBrake">Whether it is the brake; else the leader is too new in office.</param>
/// <param name="Left">How long at most, if the majority stands.</param>
internal sealed record Hold(bool IsBrake, TimeSpan Left);
