using System.Globalization;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>
/// Faults at random, the same ones for the same seed and the same order of requests: lost requests, lost replies, connections cut behind a reply
/// and connections that trickle byte by byte. Pings are left alone.
/// </summary>
public sealed class FaultPlan
{
    private static readonly FaultKind[] Kinds = [FaultKind.LoseRequest, FaultKind.LoseReply, FaultKind.CutBehindReply, FaultKind.Trickle];

    private readonly Random _random;
    private readonly double _rate;
    private int _requests;

    private FaultPlan(int seed, double rate) => (Seed, _rate, _random) = (seed, rate, new Random(seed));

    /// <summary>Gets the seed: print it when a test fails, and use it again to see the same faults.</summary>
    public int Seed { get; }

    /// <summary>Makes a plan.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="rate">Which part of the requests is struck, from 0 to 1.</param>
    /// <returns>The plan; it counts its requests, so that each run needs its own.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not from 0 to 1.</exception>
    public static FaultPlan Random(int seed, double rate = 0.02)
    {
        if (rate is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "The rate of faults is a number from 0 to 1.");
        }

        return new FaultPlan(seed, rate);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"random faults of seed {Seed}, {_rate:P0} of the requests, {_requests} requests so far");

    // Two numbers a request whatever they say, so that one decision does not shift the next.
    internal FaultKind Next()
    {
        _requests++;
        var (chance, kind) = (_random.NextDouble(), _random.Next(Kinds.Length));
        return chance < _rate ? Kinds[kind] : FaultKind.None;
    }
}
