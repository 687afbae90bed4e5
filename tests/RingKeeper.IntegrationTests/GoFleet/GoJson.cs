using System.Text;
using System.Text.Json;

namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>One entry of a status or a vote as a Go program keeps it.</summary>
internal sealed record GoStatus(string Addr, bool Alive, long Since);

/// <summary>The bytes a Go program writes and reads, for addresses and names of plain ASCII; written from observation, not with the product's codec.</summary>
internal static class GoJson
{
    public static byte[] Statuses(IReadOnlyDictionary<string, GoStatus> statuses) => Encoding.UTF8.GetBytes(
        $"{{{string.Join(',', statuses.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s =>
            $"\"{s.Key}\":{{\"Addr\":\"{s.Value.Addr}\",\"Alive\":{(s.Value.Alive ? "true" : "false")},\"Since\":{s.Value.Since}}}"))}}}");

    public static byte[] Shards(IEnumerable<Shard> shards) =>
        Encoding.UTF8.GetBytes($"[{string.Join(',', shards.Select(s => $"{{\"Name\":\"{s.Name}\",\"Addr\":\"{s.Addr}\"}}"))}]");

    public static byte[] Options(bool failover, string ringType, string ringParams) =>
        Encoding.UTF8.GetBytes($"{{\"FailoverEnabled\":{(failover ? "true" : "false")},\"RingType\":\"{ringType}\",\"RingParams\":\"{ringParams}\"}}");

    /// <summary>Reads a status or a vote; null where Go cannot parse it, or where it is <c>null</c>.</summary>
    public static Dictionary<string, GoStatus>? TryParseStatuses(byte[] data)
    {
        try
        {
            using var json = JsonDocument.Parse(data);
            if (json.RootElement.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            var statuses = new Dictionary<string, GoStatus>(StringComparer.Ordinal);
            foreach (var entry in json.RootElement.EnumerateObject())
            {
                statuses[entry.Name] = new GoStatus(
                    Field(entry.Value, "Addr")?.GetString() ?? "", Field(entry.Value, "Alive")?.GetBoolean() ?? false, Field(entry.Value, "Since")?.GetInt64() ?? 0);
            }

            return statuses;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    public static List<Shard> ParseShards(byte[] data)
    {
        using var json = JsonDocument.Parse(data);
        return [.. json.RootElement.EnumerateArray().Select(s => new Shard(Field(s, "Name")?.GetString() ?? "", Field(s, "Addr")?.GetString() ?? ""))];
    }

    public static (bool Failover, string RingType, string RingParams) ParseOptions(byte[] data)
    {
        using var json = JsonDocument.Parse(data);
        return (Field(json.RootElement, "FailoverEnabled")?.GetBoolean() ?? false, Field(json.RootElement, "RingType")?.GetString() ?? "", Field(json.RootElement, "RingParams")?.GetString() ?? "");
    }

    /// <summary>A Go program's clock: its own, in microseconds.</summary>
    public static long Now() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static JsonElement? Field(JsonElement json, string name)
    {
        var found = json.EnumerateObject().LastOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase)).Value;
        return found.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : found;
    }
}
