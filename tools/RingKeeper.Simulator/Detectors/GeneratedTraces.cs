namespace RingKeeper.Simulator.Detectors;

/// <summary>The generated kinds of traces: ten minutes in which the server lives, under one kind of disturbance, and then its loss.</summary>
internal static class GeneratedTraces
{
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(10);

    public static IReadOnlyList<TraceClass> All { get; } =
    [
        new("LAN", "round trips of 0.3 ms (lognormal, sigma 0.4)", TraceFault.Hang, static random => Lan(random).Hang()),
        new(
            "jittery cloud",
            "round trips of 1 ms (sigma 0.8), every 200th 40 ms longer on average; every 3 minutes a noisy neighbour holds the server for 120 ms (sigma 1)",
            TraceFault.Hang,
            static random => new TraceMaker(random, Healthy).RoundTrips(1, 0.8).Outliers(0.005, 40).Stalls(180, 120, 1).Hang()),
        new(
            "server with GC pauses",
            "LAN; every 20 s a pause of the server of 60 ms (sigma 1.1)",
            TraceFault.Hang,
            static random => Lan(random).Stalls(20, 60, 1.1).Hang()),
        new(
            "bursts of loss",
            "LAN; every 10 minutes, for 3 s on average, each packet is lost with a probability of a half and sent again after 0.2, 0.4, 0.8 … s",
            TraceFault.Hang,
            static random => Lan(random).LossBursts(600, 3, 0.5).Hang()),
        new(
            "BGSAVE forks",
            "LAN; every minute a pause of 300 ms (sigma 0.6) to fork, and five times the round trip for the 5 s after it",
            TraceFault.Hang,
            static random => Lan(random).Forks(60, 300, 0.6, 5).Hang()),
        new(
            "checker pauses",
            "LAN; every minute the checker itself stands still for 400 ms (sigma 1)",
            TraceFault.Hang,
            static random => Lan(random).CheckerPauses(60, 400, 1).Hang()),
        new("crash", "LAN, then the process ends", TraceFault.Crash, static random => Lan(random).Crash()),
        new("slow death", "LAN, then round trips of 2 ms that double every second, and none after 12 s", TraceFault.SlowDeath, static random => Lan(random).SlowDeath(12)),
        new(
            "restart",
            "LAN, then the process ends and another answers 0.02 to 0.9 s later",
            TraceFault.Restart,
            static random => Lan(random).Restart(TimeSpan.FromSeconds(0.02 + (0.88 * random.NextDouble())))),
    ];

    private static TraceMaker Lan(Random random) => new TraceMaker(random, Healthy).RoundTrips(0.3, 0.4);
}
