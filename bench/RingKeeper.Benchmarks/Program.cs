using RingKeeper.Benchmarks;

if (args is not ["failover", ..] || args.Length > 2 || !int.TryParse(args.Length == 2 ? args[1] : "5", out var rounds) || rounds < 1)
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project bench/RingKeeper.Benchmarks -- failover [ROUNDS]");
    return 2;
}

await FailoverBenchmark.RunAsync(rounds);
return 0;
