using System.Globalization;
using System.Text;

namespace RingKeeper.Cli.Handlers;

/// <summary>How evenly a ring spreads keys, and the keys of a dead shard over the others.</summary>
/// <param name="Ring">The type of ring.</param>
/// <param name="Min">The smallest share of all keys that a shard owns.</param>
/// <param name="Mean">The mean share.</param>
/// <param name="Max">The largest share.</param>
/// <param name="Deviation">The standard deviation of the shares.</param>
/// <param name="Heirs">On how many others the keys of a dead shard fall, in the mean over all shards.</param>
/// <param name="LargestHeir">The largest part of a dead shard's keys that falls on one other, over all shards.</param>
internal sealed record RingBalance(string Ring, double Min, double Mean, double Max, double Deviation, double Heirs, double LargestHeir)
{
    public const int Keys = 100_000;

    public static RingBalance Measure(string type, HashRing ring)
    {
        var count = ring.Shards.Count;
        var owned = new int[count];
        var inherited = new int[count, count];
        Span<int> order = stackalloc int[2];
        for (var i = 0; i < Keys; i++)
        {
            var found = ring.GetOrder(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key:{i}")), order);
            owned[order[0]]++;
            if (found > 1)
            {
                inherited[order[0], order[1]]++;
            }
        }

        var shares = owned.Select(static keys => (double)keys / Keys).ToList();
        var mean = shares.Average();
        var heirs = Enumerable.Range(0, count).Where(shard => owned[shard] > 0)
            .Select(shard => Enumerable.Range(0, count).Select(heir => (double)inherited[shard, heir] / owned[shard]).ToList()).ToList();
        return new RingBalance(
            type,
            shares.Min(),
            mean,
            shares.Max(),
            Math.Sqrt(shares.Average(share => (share - mean) * (share - mean))),
            heirs.Average(static parts => parts.Count(static part => part > 0)),
            heirs.Max(static parts => parts.Max()));
    }
}
