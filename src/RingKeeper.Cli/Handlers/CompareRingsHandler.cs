using RingKeeper.Cli.Commands;

namespace RingKeeper.Cli.Handlers;

/// <summary>Measures every type of ring over the same shards and keys.</summary>
internal static class CompareRingsHandler
{
    public static Task<int> RunAsync(CompareRingsRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        var shards = request.Names.Select(static (name, i) => new Shard(name, $":{i + 1}")).ToList();
        var balances = new List<RingBalance>();
        foreach (var type in RingTypes.Names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var tag = type == RingTypes.ConsistentTagged ? "{}" : null;
            balances.Add(RingBalance.Measure(type, RingTypes.CreateBuilder(type, $"{request.RingParams}", tag, null).Build(shards)));
        }

        if (request.Json)
        {
            output.WriteJson(new { Shards = request.Names, request.RingParams, RingBalance.Keys, Rings = balances });
        }
        else
        {
            Write(request, balances, output);
        }

        return Task.FromResult(ExitCodes.Done);
    }

    private static void Write(CompareRingsRequest request, List<RingBalance> balances, CliOutput output)
    {
        output.WriteTable(
            ["ring", "least share", "mean", "most", "deviation", "heirs of a shard", "largest heir"],
            [.. balances.Select(b => (string[])[b.Ring, Percent(b.Min), Percent(b.Mean), Percent(b.Max), Percent(b.Deviation), $"{b.Heirs:0.0} of {request.Names.Count - 1}", Percent(b.LargestHeir)])]);
        output.WriteLine($"{RingBalance.Keys} keys; the largest heir takes that part of a dead shard's keys, at best {Percent(1.0 / (request.Names.Count - 1))}");
    }

    private static string Percent(double share) => $"{share * 100:0.00}%";
}
