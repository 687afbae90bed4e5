using System.Globalization;

namespace RingKeeper.Tests.Dashboard;

/// <summary>A sample of the text format: its name, its labels and its value.</summary>
internal sealed record PrometheusSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>A metric of the text format.</summary>
internal sealed record PrometheusMetric(string Name, string Type, string Help, List<PrometheusSample> Samples);

/// <summary>Reads the text format of Prometheus, version 0.0.4, and refuses all that it does not allow: written after the format's description, not after what is tested.</summary>
internal static class PrometheusParser
{
    public static IReadOnlyDictionary<string, PrometheusMetric> Parse(string text)
    {
        Require(text.EndsWith('\n'), "the last line has no end");
        var metrics = new Dictionary<string, PrometheusMetric>(StringComparer.Ordinal);
        PrometheusMetric? metric = null;
        string? help = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                help = line;
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line.Split(' ');
                Require(parts.Length == 4 && parts[3] is "counter" or "gauge" or "histogram", line);
                Require(help?.Split(' ') is { Length: > 3 } told && told[2] == parts[2], $"no help before: {line}");
                Require(IsName(parts[2], colons: true), line);
                metric = new PrometheusMetric(parts[2], parts[3], help!["# HELP ".Length..][(parts[2].Length + 1)..], []);
                Require(metrics.TryAdd(parts[2], metric), $"twice: {line}");
                help = null;
            }
            else
            {
                Require(metric is not null && help is null, $"a sample without a type: {line}");
                metric!.Samples.Add(Sample(line));
            }
        }

        foreach (var one in metrics.Values)
        {
            Check(one);
        }

        return metrics;
    }

    private static void Check(PrometheusMetric metric)
    {
        Require(metric.Samples.Count > 0, $"{metric.Name} has no sample");
        string[] allowed = metric.Type == "histogram" ? [$"{metric.Name}_bucket", $"{metric.Name}_sum", $"{metric.Name}_count"] : [metric.Name];
        foreach (var sample in metric.Samples)
        {
            Require(allowed.Contains(sample.Name), $"{sample.Name} is no part of {metric.Name}");
            Require(metric.Type != "counter" || (sample.Value >= 0 && metric.Name.EndsWith("_total", StringComparison.Ordinal)), $"{sample.Name} is no counter");
        }

        Require(metric.Samples.Select(static sample => sample.Name + Key(sample, "")).Distinct(StringComparer.Ordinal).Count() == metric.Samples.Count, $"{metric.Name} has a series twice");
        if (metric.Type == "histogram")
        {
            foreach (var series in metric.Samples.GroupBy(static sample => Key(sample, "le"), StringComparer.Ordinal))
            {
                CheckHistogram(metric.Name, [.. series]);
            }
        }
    }

    private static void CheckHistogram(string name, List<PrometheusSample> series)
    {
        var buckets = series.Where(sample => sample.Name == $"{name}_bucket").Select(static sample => (Bound: Number(sample.Labels["le"]), sample.Value)).ToList();
        Require(buckets.Count > 1 && double.IsPositiveInfinity(buckets[^1].Bound), $"{name} ends without +Inf");
        Require(buckets.Zip(buckets.Skip(1)).All(static pair => pair.First.Bound < pair.Second.Bound && pair.First.Value <= pair.Second.Value), $"the buckets of {name} do not add up");
        Require(series.Single(sample => sample.Name == $"{name}_count").Value.Equals(buckets[^1].Value), $"{name} counts otherwise than its buckets");
        Require(series.Count(sample => sample.Name == $"{name}_sum") == 1, $"{name} has no sum");
    }

    private static PrometheusSample Sample(string line)
    {
        var end = line.IndexOfAny(['{', ' ']);
        Require(end > 0 && IsName(line[..end], colons: true), line);
        var (labels, at) = (new Dictionary<string, string>(StringComparer.Ordinal), end);
        if (line[at] == '{')
        {
            at++;
            while (line[at] != '}')
            {
                var equal = line.IndexOf("=\"", at, StringComparison.Ordinal);
                Require(equal > 0 && IsName(line[at..equal], colons: false), line);
                var (value, next) = Value(line, equal + 2);
                Require(labels.TryAdd(line[at..equal], value), $"a label twice: {line}");
                at = line[next] == ',' ? next + 1 : next;
                Require(line[next] is ',' or '}', line);
            }

            at++;
        }

        Require(line[at] == ' ' && !line[(at + 1)..].Contains(' ', StringComparison.Ordinal), line);
        return new PrometheusSample(line[..end], labels, Number(line[(at + 1)..]));
    }

    private static (string Value, int Next) Value(string line, int at)
    {
        var value = "";
        while (line[at] != '"')
        {
            if (line[at] == '\\')
            {
                at++;
                Require(line[at] is '\\' or '"' or 'n', $"no escape: {line}");
                value += line[at] == 'n' ? '\n' : line[at];
            }
            else
            {
                value += line[at];
            }

            at++;
        }

        return (value, at + 1);
    }

    private static double Number(string text) => text switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ when double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => number,
        _ => throw new FormatException($"no number: {text}"),
    };

    private static string Key(PrometheusSample sample, string except) =>
        string.Join(';', sample.Labels.Where(label => label.Key != except).OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}"));

    private static bool IsName(string name, bool colons) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || (colons && c == ':'));

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FormatException(what);
        }
    }
}
