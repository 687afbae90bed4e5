using System.Collections.Immutable;
using System.Globalization;

namespace RingKeeper.Cli.Doctor;

/// <summary>How evenly the ring spreads keys beside the shards' weights, and a dead shard's keys over the others.</summary>
internal sealed class RingCheck : IDoctorCheck
{
    // Shares of a ring with p points differ from the mean by about 1/sqrt(p): of 160 points by 8 %, and the largest of many by twice that.
    private const double Skewed = 1.25;
    private const double VerySkewed = 1.5;
    private const int FewPoints = 50;
    private const double MostToOne = 0.75;

    public string Name => "ring";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        if (facts.Fleet.Value is not { Cluster: var cluster })
        {
            return [facts.Unread("ring")];
        }

        HashRing ring;
        try
        {
            ring = cluster.Options.CreateRingBuilder().Build(cluster.Shards);
        }
        catch (RingKeeperException e)
        {
            return [Finding.Critical("ring-broken", $"the ring cannot be built, so that no client starts: {e.Message.TrimEnd('.')}", "what it says; a newer version may have made the cluster")];
        }

        var picture = RingPicture.Of(ring);
        List<Finding> findings = [.. Twice(cluster), .. Shares(cluster, picture), .. Heirs(cluster, picture)];
        return findings.Count > 0 ? findings : [Finding.Ok("ring", $"{cluster.Options.RingType}: {Told(cluster, picture.Shares)}")];
    }

    private static IEnumerable<Finding> Twice(ZKClusterInfo cluster) =>
        from shards in cluster.Shards.GroupBy(static shard => shard.Addr, StringComparer.Ordinal)
        where shards.Count() > 1
        select Finding.Critical(
            "same-address", $"{string.Join(" and ", shards.Select(static shard => shard.Name))} have one address, {shards.Key}: one server takes the keys of several shards, and fails for all of them",
            $"give each its own server: 'ringkeeper cluster update {cluster.Name} --remove {shards.Last().Name}'");

    private static IEnumerable<Finding> Shares(ZKClusterInfo cluster, RingPicture picture)
    {
        var weights = cluster.Shards.Sum(static shard => shard.Weight);
        var (worst, factor) = cluster.Shards.Select((shard, i) => (Shard: shard, Factor: picture.Shares[i] * weights / shard.Weight)).MaxBy(static one => Math.Max(one.Factor, 1 / Math.Max(one.Factor, 0.001)));
        var points = PointsOf(cluster);
        var remedy = points is null ? "give it another name, or take the ring Rendezvous for a new cluster" : $"take more points for a new cluster (--ring-params, now {points}), or the ring Rendezvous; either moves keys";
        if (Math.Max(factor, 1 / Math.Max(factor, 0.001)) is var skew && skew > Skewed)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"shard {worst.Name} owns {factor:0.00} times the keys that its weight stands for: {Told(cluster, picture.Shares)}");
            yield return skew > VerySkewed ? Finding.Warning("ring-skew", text, remedy) : Finding.Note("ring-skew", text, remedy);
        }

        if (points < FewPoints && cluster.Shards.Count > 1)
        {
            yield return Finding.Warning("ring-few-points", string.Create(CultureInfo.InvariantCulture, $"{points} points a shard are too few for even shares; 160 are usual"), remedy);
        }
    }

    private static IEnumerable<Finding> Heirs(ZKClusterInfo cluster, RingPicture picture)
    {
        // Of three shards each has two heirs; one may well get most.
        if (cluster.Shards.Count < 4)
        {
            yield break;
        }

        var (dead, heir, part) = Enumerable.Range(0, cluster.Shards.Count)
            .SelectMany(shard => picture.HeirsOf(shard).Select((size, other) => (Dead: cluster.Shards[shard].Name, Heir: cluster.Shards[other].Name, Part: size))).MaxBy(static one => one.Part);
        if (part > MostToOne)
        {
            yield return Finding.Note(
                "ring-heirs", string.Create(CultureInfo.InvariantCulture, $"when {dead} dies, {heir} gets {part:P0} of its keys: plan its room and its load for both"), "the ring Rendezvous, or more points, spread them over all");
        }
    }

    // As the types of ring read their parameters; Go's takes as many points as there are shards, where it can read none.
    private static long? PointsOf(ZKClusterInfo cluster)
    {
        var (type, parameters) = (cluster.Options.RingType.Trim(), cluster.Options.RingParams);
        return string.Equals(type, RingTypes.Rendezvous, StringComparison.OrdinalIgnoreCase) ? null
            : string.Equals(type, RingTypes.Ketama, StringComparison.OrdinalIgnoreCase) ? int.TryParse(parameters, CultureInfo.InvariantCulture, out var count) ? count : 160
            : ConsistentRingBuilder.ParseAtoi(parameters) ?? cluster.Shards.Count;
    }

    private static string Told(ZKClusterInfo cluster, ImmutableArray<double> shares) =>
        string.Join(", ", cluster.Shards.Select((shard, i) => string.Create(CultureInfo.InvariantCulture, $"{shard.Name} {shares[i] * 100:0.0} %{(shard.Weight == 1 ? "" : $" (weight {shard.Weight})")}")));
}
