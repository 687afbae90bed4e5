using System.Globalization;

namespace RingKeeper.Benchmarks;

/// <summary>What a Redis server has been asked and has answered, by its own count.</summary>
/// <param name="Commands">Commands, a replica's acknowledgements left out.</param>
/// <param name="Bytes">Bytes in both directions, those of replication left out but for the acknowledgements.</param>
/// <param name="Answer">The bytes of the answer that told this; it does not count itself.</param>
internal sealed record ShardTraffic(long Commands, long Bytes, int Answer)
{
    private const string Question = "INFO all";

    public static async Task<ShardTraffic> ReadAsync(string addr)
    {
        var port = int.Parse(addr[(addr.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
        var text = (await PlainRedis.AskAsync(port, Question))[0];
        var commands = text.Split('\n')
            .Where(static line => line.StartsWith("cmdstat_", StringComparison.Ordinal) && !line.StartsWith("cmdstat_replconf", StringComparison.Ordinal))
            .Sum(static line => Number(line.Split("calls=")[1].Split(',')[0]));
        var bytes = Number(PlainRedis.Field(text, "total_net_input_bytes")!) + Number(PlainRedis.Field(text, "total_net_output_bytes")!);
        return new ShardTraffic(commands, bytes, text.Length + $"${text.Length}\r\n\r\n".Length);
    }

    /// <summary>What was added since an earlier reading: without that reading's answer, this one's question, and one command.</summary>
    public (long Commands, long Bytes) Since(ShardTraffic earlier) =>
        (Commands - earlier.Commands - 1, Bytes - earlier.Bytes - earlier.Answer - Question.Length - 2);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
