using System.Globalization;
using System.Text;

namespace RingKeeper.Benchmarks;

/// <summary>Times by row and column, and the table of their medians.</summary>
internal sealed class FailoverTimes
{
    private readonly Dictionary<(string Row, string Column), List<double>> _times = [];

    public void Add(string row, string column, double seconds)
    {
        if (!_times.TryGetValue((row, column), out var times))
        {
            _times.Add((row, column), times = []);
        }

        times.Add(seconds);
    }

    /// <summary>The newest time of each cell, in one line, the columns in this order.</summary>
    public string Last(IReadOnlyList<string> columns) => string.Join(
        "; ", _times.Keys.Select(static cell => cell.Row).Distinct().Select(row => $"{row} {string.Join(" ", columns.Select(column => _times.TryGetValue((row, column), out var times) ? Text(times[^1]) : "–"))}"));

    /// <summary>The table as Markdown, with what is wanted of the first column.</summary>
    public string Table(IReadOnlyList<string> columns, IReadOnlyList<(string Row, double? Most)> targets)
    {
        var text = new StringBuilder();
        text.AppendLine($"| fault | {string.Join(" | ", columns)} | wanted | verdict |");
        text.AppendLine($"|---|{string.Concat(Enumerable.Repeat("---|", columns.Count + 2))}");
        foreach (var (row, most) in targets)
        {
            var verdict = most is null ? "" : Median(_times[(row, columns[0])]) <= most ? "pass" : "FALLS SHORT";
            text.AppendLine($"| {row} | {string.Join(" | ", columns.Select(column => Cell(row, column)))} | {(most is { } limit ? $"{Text(limit)} s" : "")} | {verdict} |");
        }

        return text.ToString();
    }

    private string Cell(string row, string column) =>
        _times.TryGetValue((row, column), out var times) ? $"**{Text(Median(times))}** ({Text(times.Min())}..{Text(times.Max())})" : "–";

    private static double Median(List<double> times)
    {
        var sorted = times.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Text(double seconds) => seconds.ToString("0.00", CultureInfo.InvariantCulture);
}
