using System.Globalization;

namespace RingKeeper.Cli;

/// <summary>Reads and writes durations such as <c>500ms</c>, <c>1s</c>, <c>1.5s</c> and <c>2m</c>.</summary>
internal static class Duration
{
    // Timers take no more than this many milliseconds, about 49 days.
    private const double LongestMilliseconds = uint.MaxValue - 1;

    private static readonly (string Unit, double Milliseconds)[] Units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

    /// <summary>Writes a duration in the largest unit of which it is a whole number, as <see cref="TryParse"/> reads it.</summary>
    public static string Format(TimeSpan duration)
    {
        var (unit, milliseconds) = Units.LastOrDefault(unit => duration.TotalMilliseconds % unit.Milliseconds == 0, Units[0]);
        return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds / milliseconds}{unit}");
    }

    /// <summary>Reads a duration greater than zero; the unit is required.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        foreach (var (unit, milliseconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(..^unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            {
                var total = count * milliseconds;
                var valid = total is > 0 and <= LongestMilliseconds;
                duration = valid ? TimeSpan.FromMilliseconds(total) : default;
                return duration > TimeSpan.Zero;
            }
        }

        duration = default;
        return false;
    }
}
