using System.Diagnostics;
using System.Globalization;
using System.Text;
using RingKeeper.IntegrationTests.Servers;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>What a server can do of the write script at most, asked by redis-benchmark in pipelines, beside what the cache gets out of it.</summary>
internal static class ScriptCeiling
{
    private const int Calls = 300_000;
    private const int Rounds = 5;

    public static async Task PrintAsync(RedisServer server, CacheLoads loads)
    {
        using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"{server.Addr},allowAdmin=true");
        var digest = Convert.ToHexStringLower(await multiplexer.GetServers()[0].ScriptLoadAsync(OwnScripts.Set));
        List<double> ceilings = [], rates = [];
        for (var round = 0; round < Rounds; round++)
        {
            ceilings.Add(await AskAsync(server.Port, digest));
            var start = Stopwatch.GetTimestamp();
            for (var sent = 0; sent < Calls; sent += 2000)
            {
                await loads.SetBatchAsync(sent, 2000);
            }

            rates.Add(Calls / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        ceilings.Sort();
        rates.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  set, pipelined: redis-benchmark -P 64 EVALSHA {ceilings[Rounds / 2]:0}/s ({ceilings[0]:0}..{ceilings[^1]:0}), cache in batches of 2,000 {rates[Rounds / 2]:0}/s ({rates[0]:0}..{rates[^1]:0}): {rates[Rounds / 2] / ceilings[Rounds / 2]:0.00}, wanted 0.9"));
    }

    // An argument of a command line holds no zero byte: a head of other bytes but for the first four, and a fresh key each time, so that the script does not have to raise the version.
    private static async Task<double> AskAsync(int port, string digest)
    {
        var copy = new byte[CacheLoads.ValueBytes + CopyHeader.ShortLength];
        Array.Fill(copy, (byte)'1');
        CopyHeader.Magic.CopyTo(copy);
        var script = $"redis-benchmark -p {port} -c 50 -P 64 -n {Calls} -r {100 * Calls} --csv evalsha {digest} 1 bench:__rand_int__ \"$(printf '{string.Concat(copy.Select(static b => $"\\{Convert.ToString(b, 8).PadLeft(3, '0')}"))}')\" 3600000";
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { UseShellExecute = false, RedirectStandardOutput = true, StandardOutputEncoding = Encoding.Latin1 })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var last = output.TrimEnd().Split('\n')[^1].Split("\",\"");
        return last.Length >= 7 && double.TryParse(last[^7].Trim('"'), NumberStyles.Float, CultureInfo.InvariantCulture, out var rate)
            ? rate
            : throw new InvalidOperationException($"redis-benchmark printed no rate: {output}");
    }
}
