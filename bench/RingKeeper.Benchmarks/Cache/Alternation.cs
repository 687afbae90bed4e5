using System.Diagnostics;

namespace RingKeeper.Benchmarks;

/// <summary>One way to do the same batch of operations.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Run">Does one batch, the keys from the given place on.</param>
internal sealed record Contender(string Name, Func<int, Task> Run);

/// <summary>A contender beside the first one.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Nanoseconds">What an operation took, over all groups.</param>
/// <param name="Mean">Its rate beside the first one's, mean of the groups.</param>
/// <param name="Error">95 % of the mean's error.</param>
internal sealed record Standing(string Name, double Nanoseconds, double Mean, double Error);

/// <summary>
/// Compares ways to do the same in one loop: batches of all of them take turns in random order, and each group of batches gives one ratio of trimmed means, so
/// that what else the machine does strikes all alike.
/// </summary>
internal sealed class Alternation(int groups, TimeSpan each)
{
    private const double Trimmed = 0.15;
    private readonly Random _random = new(20261125);

    /// <summary>Compares; the first is what the others stand beside.</summary>
    /// <param name="size">How many operations a batch has.</param>
    /// <param name="contenders">The contenders.</param>
    public async Task<IReadOnlyList<Standing>> CompareAsync(int size, params Contender[] contenders)
    {
        var next = 0;
        var order = Enumerable.Range(0, contenders.Length).ToArray();
        var perGroup = await CountBatchesAsync();
        var times = contenders.Select(static _ => new List<double>()).ToArray();
        var means = contenders.Select(static _ => new List<double>()).ToArray();
        var ratios = contenders.Select(static _ => new List<double>()).ToArray();
        for (var group = 0; group < groups; group++)
        {
            Array.ForEach(times, static list => list.Clear());
            for (var batch = 0; batch < perGroup; batch++)
            {
                _random.Shuffle(order);
                foreach (var contender in order)
                {
                    times[contender].Add(await TimeAsync(contenders[contender]));
                }
            }

            var first = TrimmedMean(times[0]);
            for (var i = 0; i < contenders.Length; i++)
            {
                var mean = i == 0 ? first : TrimmedMean(times[i]);
                means[i].Add(mean / size);
                ratios[i].Add(first / mean);
            }
        }

        return [.. contenders.Select((contender, i) => new Standing(contender.Name, means[i].Average(), ratios[i].Average(), ErrorOf(ratios[i])))];

        async Task<int> CountBatchesAsync()
        {
            var start = Stopwatch.GetTimestamp();
            var count = 0;
            for (; Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2); count++)
            {
                await TimeAsync(contenders[count % contenders.Length]);
            }

            return Math.Max(5, (int)(count / 2.0 * each.TotalSeconds / contenders.Length / groups));
        }

        async Task<double> TimeAsync(Contender contender)
        {
            var start = Stopwatch.GetTimestamp();
            await contender.Run(next);
            next += size;
            return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }
    }

    private static double TrimmedMean(List<double> values)
    {
        values.Sort();
        var cut = (int)(values.Count * Trimmed);
        return values.Skip(cut).Take(values.Count - (2 * cut)).Average();
    }

    private static double ErrorOf(List<double> ratios)
    {
        var mean = ratios.Average();
        return 1.96 * Math.Sqrt(ratios.Sum(ratio => (ratio - mean) * (ratio - mean)) / (ratios.Count - 1) / ratios.Count);
    }
}
