using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace RingKeeper.Dashboard;

/// <summary>
/// Names of instruments as Prometheus has them (OpenTelemetry, Prometheus and OpenMetrics compatibility): dots become underscores, the unit is told in full at the end, and
/// counters end with <c>_total</c>. Pure.
/// </summary>
internal static class PrometheusName
{
    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["s"] = "seconds", ["ms"] = "milliseconds", ["us"] = "microseconds", ["ns"] = "nanoseconds", ["min"] = "minutes", ["h"] = "hours", ["d"] = "days",
        ["By"] = "bytes", ["KiBy"] = "kibibytes", ["MiBy"] = "mebibytes", ["Hz"] = "hertz", ["%"] = "percent", ["1"] = "ratio", ["Cel"] = "celsius",
    };

    /// <summary>The name of an instrument.</summary>
    public static string Of(Instrument instrument) => Of(instrument.Name, instrument.Unit, PrometheusKinds.Of(instrument));

    /// <summary>The name of an instrument by what it says of itself.</summary>
    public static string Of(string name, string? unit, PrometheusKind kind)
    {
        var text = Clean(name);

        // What stands in braces only names what is counted; of a counter a ratio is none.
        if (unit is { Length: > 0 } && !unit.Contains('{', StringComparison.Ordinal) && !(unit == "1" && kind != PrometheusKind.Gauge))
        {
            text = EndWith(text, Units.TryGetValue(unit, out var word) ? word : Clean(unit));
        }

        return kind == PrometheusKind.Counter ? EndWith(text, "total") : text;
    }

    /// <summary>The name of a label.</summary>
    public static string OfLabel(string tag) => Clean(tag);

    /// <summary>A number as the format has it.</summary>
    public static string OfNumber(double number) =>
        double.IsNaN(number) ? "NaN" : double.IsPositiveInfinity(number) ? "+Inf" : double.IsNegativeInfinity(number) ? "-Inf" : number.ToString("R", CultureInfo.InvariantCulture);

    private static string EndWith(string text, string word) => text.EndsWith($"_{word}", StringComparison.Ordinal) ? text : $"{text}_{word}";

    private static string Clean(string name)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            if (text.Length == 0 && char.IsAsciiDigit(c))
            {
                text.Append('_');
            }

            text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return text.Length == 0 ? "_" : text.ToString();
    }
}
