using System.Globalization;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Reads the answer to srvr, a line for each figure. What a server does not tell stays null.</summary>
internal static class ServerStatisticsText
{
    public static ZooKeeperServerStatistics Parse(string text)
    {
        var lines = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.IndexOf(':') is > 0 and var colon)
            {
                lines.TryAdd(line[..colon].Trim(), line[(colon + 1)..].Trim());
            }
        }

        var latency = lines.GetValueOrDefault("Latency min/avg/max")?.Split('/') ?? [];
        return new ZooKeeperServerStatistics(
            VersionOf(lines.GetValueOrDefault("Zookeeper version")),
            lines.GetValueOrDefault("Mode"),
            ZxidOf(lines.GetValueOrDefault("Zxid")),
            NumberOf(lines.GetValueOrDefault("Received")),
            NumberOf(lines.GetValueOrDefault("Sent")),
            NumberOf(lines.GetValueOrDefault("Connections")),
            NumberOf(lines.GetValueOrDefault("Outstanding")),
            NumberOf(lines.GetValueOrDefault("Node count")),
            DurationOf(latency, 0),
            DurationOf(latency, 1),
            DurationOf(latency, 2),
            text);
    }

    // "3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on ..."
    private static string? VersionOf(string? text) => text?.Split('-', ',')[0].Trim();

    private static long? ZxidOf(string? text) =>
        text is not null && text.StartsWith("0x", StringComparison.Ordinal)
        && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var zxid) ? zxid : null;

    private static long? NumberOf(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static TimeSpan? DurationOf(string[] parts, int index) =>
        index < parts.Length && double.TryParse(parts[index], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;
}
