using System.Globalization;

namespace RingKeeper.Benchmarks;

/// <summary>What Linux tells of a process.</summary>
internal static class ProcessFacts
{
    // Linux counts processor time in hundredths of a second for every process, whatever its own clock.
    private const double TicksPerSecond = 100;

    /// <summary>The processor time it has used, in milliseconds, to the nearest ten.</summary>
    public static double ProcessorMilliseconds(int processId)
    {
        var fields = Fields(processId);
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * 1000 / TicksPerSecond;
    }

    /// <summary>Waits until it is stopped: the signal is sent at once, and takes hold when the process next gets the processor.</summary>
    public static Task WaitUntilStoppedAsync(int processId) => Condition.WaitAsync(
        $"stop of process {processId}", () => Task.FromResult(Fields(processId)[0] == "T" ? null : $"its state is {Fields(processId)[0]}"));

    /// <summary>Whether one of its sockets has this local port.</summary>
    public static bool HasPort(int processId, int port)
    {
        var hex = $":{port:X4}";
        var sockets = new[] { "tcp", "tcp6" }
            .SelectMany(table => File.ReadLines($"/proc/{processId}/net/{table}").Skip(1))
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[1].EndsWith(hex, StringComparison.Ordinal))
            .Select(static fields => $"socket:[{fields[9]}]")
            .ToHashSet(StringComparer.Ordinal);
        return new DirectoryInfo($"/proc/{processId}/fd").EnumerateFiles().Any(file => file.LinkTarget is { } target && sockets.Contains(target));
    }

    // From the state on; the name before it may hold blanks.
    private static string[] Fields(int processId)
    {
        var text = File.ReadAllText($"/proc/{processId}/stat");
        return text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }
}
