using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace RingKeeper.Dashboard;

/// <summary>The ring cut into slots for drawing, so that a page weighs the same whatever number of points there is. Pure.</summary>
internal static class RingSlots
{
    /// <summary>How many there are: half a degree each.</summary>
    public const int Count = 720;

    /// <summary>Who owns and who serves each.</summary>
    public static ImmutableArray<(int Owner, int Server)> Of(DashboardState state) => state.Picture!.Slots(
        Count, shard => state.Shards[shard].Status?.Alive, state.News.Fleet?.Cluster.Options.FailoverEnabled ?? state.View?.FailoverEnabled ?? true);

    /// <summary>The dashes and gaps of a circle of length <see cref="Count"/> that cover the slots which are wanted; null where none is.</summary>
    public static string? Dashes(ImmutableArray<(int Owner, int Server)> slots, Func<(int Owner, int Server), bool> wanted)
    {
        var dashes = new StringBuilder();
        var (length, on, parts, any) = (0, true, 0, false);
        foreach (var slot in slots)
        {
            if (wanted(slot) != on)
            {
                Add();
                (length, on) = (0, !on);
            }

            any |= on;
            length++;
        }

        Add();
        if (parts % 2 == 1)
        {
            // A list of an odd length would be taken twice.
            (length, on) = (0, false);
            Add();
        }

        return any ? dashes.ToString() : null;

        void Add()
        {
            dashes.Append(parts++ == 0 ? "" : " ").Append(CultureInfo.InvariantCulture, $"{length}");
        }
    }

    /// <summary>Where to write the number of each shard: the middle of its longest stretch that is not too near to another's, as a slot; null where there is no room.</summary>
    public static ImmutableArray<double?> Labels(ImmutableArray<(int Owner, int Server)> slots, int shards, double apart)
    {
        List<(int Start, int Length)> runs = [];
        for (var start = 0; start < slots.Length;)
        {
            var end = start;
            while (end < slots.Length && slots[end].Owner == slots[start].Owner)
            {
                end++;
            }

            runs.Add((start, end - start));
            start = end;
        }

        var places = new double?[shards];
        foreach (var (start, length) in runs.OrderByDescending(static run => run.Length))
        {
            var (owner, middle) = (slots[start].Owner, start + (length / 2.0));
            if (places[owner] is null && places.All(other => other is not { } place || Distance(place, middle) >= apart))
            {
                places[owner] = middle;
            }
        }

        return [.. places];
    }

    private static double Distance(double one, double other) => Math.Min(Math.Abs(one - other), Count - Math.Abs(one - other));
}
