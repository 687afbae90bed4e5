using System.Globalization;
using StackExchange.Redis;

namespace RingKeeper.Cli.Bench;

/// <summary>What a load does; the same plan and seed give the same operations of each client in the same order.</summary>
/// <param name="Duration">For how long it is measured.</param>
/// <param name="Clients">How many operations are under way at once.</param>
/// <param name="Read">The part of the operations that reads.</param>
/// <param name="ValueSize">The bytes of a value.</param>
/// <param name="Keys">How many keys there are.</param>
/// <param name="Seed">What all choices follow from.</param>
internal sealed record BenchPlan(TimeSpan Duration, int Clients, double Read, int ValueSize, int Keys, int Seed)
{
    /// <summary>The most bytes that all values may take.</summary>
    public const long MostBytes = 1L << 30;

    private static readonly TimeSpan LeastWarmUp = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MostWarmUp = TimeSpan.FromSeconds(5);

    /// <summary>Gets how long it runs before that, which is not counted: the keys are written in their order, then the load begins.</summary>
    public TimeSpan WarmUp => TimeSpan.FromTicks(Math.Clamp((Duration / 5).Ticks, LeastWarmUp.Ticks, MostWarmUp.Ticks));

    /// <summary>Gets after what time a key goes by itself, whatever becomes of this process.</summary>
    public TimeSpan Expiry => TimeSpan.FromSeconds(Math.Ceiling((WarmUp + Duration).TotalSeconds) + 60);

    /// <summary>Names the keys, all with one prefix of this run alone.</summary>
    /// <param name="run">What only this run has.</param>
    /// <param name="hashTag">The cluster's hash tag, which must not occur in a key: all would go to one shard.</param>
    public RedisKey[] NameKeys(string run, string? hashTag)
    {
        var mark = ":-_.".First(mark => hashTag?.Contains(mark, StringComparison.Ordinal) != true);
        return [.. Enumerable.Range(0, Keys).Select(i => (RedisKey)string.Create(CultureInfo.InvariantCulture, $"ringkeeper{mark}bench{mark}{run}{mark}{i}"))];
    }
}
