using System.Globalization;

namespace RingKeeper.Simulator.Detectors;

/// <summary>A recorded trace as text: a few lines of facts, then a line a probe with its moment (ms), its round trip (µs; nothing: no answer) and, if it was not PONG, its outcome.</summary>
internal sealed record TraceFile(string Name, string Story, TraceFault Fault, ProbeTrace Trace)
{
    private const string Suffix = ".csv";

    /// <summary>The recordings that the tool carries.</summary>
    public static IReadOnlyList<TraceFile> Carried()
    {
        var assembly = typeof(TraceFile).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(static name => name.EndsWith(Suffix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read)];

        TraceFile Read(string name)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return Parse(name, reader.ReadToEnd());
        }
    }

    /// <summary>Reads a recording.</summary>
    /// <exception cref="FormatException">It is none; the message names the file and the line.</exception>
    public static TraceFile Parse(string file, string text)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        var samples = new List<TraceSample>();
        foreach (var (i, line) in text.Split('\n', StringSplitOptions.TrimEntries).Index().Where(static line => line.Item.Length > 0))
        {
            try
            {
                if (line[0] == '#')
                {
                    var parts = line[1..].Split('=', 2, StringSplitOptions.TrimEntries);
                    facts.Add(parts[0], parts[1]);
                }
                else
                {
                    samples.Add(ParseSample(line.Split(',')));
                }
            }
            catch (Exception e) when (e is FormatException or IndexOutOfRangeException or ArgumentException or OverflowException)
            {
                throw new FormatException($"{file}, line {i + 1} is not one of a recorded trace: {line}", e);
            }
        }

        try
        {
            var trace = new ProbeTrace(samples, Milliseconds(facts["fault_at_ms"]), samples[^1].At)
            {
                Closes = [.. facts["closes_ms"].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Milliseconds)],
            };
            return new TraceFile(facts["name"], facts["story"], Enum.Parse<TraceFault>(facts["fault"]), trace);
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or ArgumentException or OverflowException)
        {
            throw new FormatException($"{file} lacks a line or has a wrong one of the facts name, story, fault, fault_at_ms, closes_ms, or has no probe.", e);
        }
    }

    /// <summary>Writes it as <see cref="Parse"/> reads it.</summary>
    public string Format()
    {
        var lines = new List<string>
        {
            $"# name={Name}",
            $"# story={Story}",
            $"# fault={Fault}",
            $"# fault_at_ms={Text(Trace.FaultAt)}",
            $"# closes_ms={string.Join(' ', Trace.Closes.Select(Text))}",
        };
        lines.AddRange(Trace.Samples.Select(static sample =>
            $"{Text(sample.At)},{(sample.Rtt is { } rtt ? ((long)rtt.TotalMicroseconds).ToString(CultureInfo.InvariantCulture) : "")}{(sample.Outcome == ProbeOutcome.Alive ? "" : $",{sample.Outcome}")}"));
        return string.Join('\n', lines) + '\n';
    }

    private static TraceSample ParseSample(string[] fields) => new(
        Milliseconds(fields[0]),
        fields[1].Length == 0 ? null : TimeSpan.FromMicroseconds(long.Parse(fields[1], CultureInfo.InvariantCulture)),
        fields.Length > 2 ? Enum.Parse<ProbeOutcome>(fields[2]) : ProbeOutcome.Alive);

    private static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(long.Parse(text, CultureInfo.InvariantCulture));

    private static string Text(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
