namespace RingKeeper.ZooKeeper;

/// <summary>A server of an ensemble.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Addresses">Where other servers reach it: <c>host:quorumPort:electionPort</c>; more than one where it has several networks.</param>
/// <param name="Role">Whether it votes.</param>
/// <param name="ClientAddress">Where clients reach it, as <c>host:port</c>, or null where the configuration does not tell.</param>
public sealed record EnsembleMember(int Id, IReadOnlyList<string> Addresses, EnsembleRole Role, string? ClientAddress);

/// <summary>Says what a server is in its ensemble.</summary>
public enum EnsembleRole
{
    /// <summary>It votes and may lead.</summary>
    Participant,

    /// <summary>It follows without a vote.</summary>
    Observer,
}
