namespace RingKeeper.Cli.Doctor;

/// <summary>All checks, in the order in which they are told.</summary>
internal static class DoctorChecks
{
    public static IReadOnlyList<IDoctorCheck> All { get; } =
    [
        new ServersCheck(),
        new QuorumCheck(),
        new ServerVersionsCheck(),
        new SessionTimeoutCheck(),
        new LatencyCheck(),
        new DecisionsCheck(),
        new AccessCheck(),
        new CheckerHostsCheck(),
        new VotesCheck(),
        new OptionsCheck(),
        new RingCheck(),
        new ReachCheck(),
        new IdentityCheck(),
        new MemoryCheck(),
        new PersistenceCheck(),
        new ShardVersionsCheck(),
        new ClocksCheck(),
    ];
}
