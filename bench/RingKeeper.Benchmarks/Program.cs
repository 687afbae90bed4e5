using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using RingKeeper.Benchmarks;

switch (args)
{
    case ["ring", ..]:
        return Measure<RingBenchmarks>(args[1..]);
    case ["route", ..]:
        return Measure<RouteBenchmarks>(args[1..]);
    case ["build", ..]:
        return Measure<ViewBuildBenchmarks>(args[1..]);
    case ["get"]:
        await GetBenchmark.RunAsync();
        return 0;
    case ["face"]:
        await FaceBenchmark.RunAsync(TimeSpan.FromSeconds(15));
        return 0;
    case ["cache"]:
        await CacheBenchmark.RunAsync(40, TimeSpan.FromSeconds(12));
        return 0;
    case ["cache", "quick"]:
        await CacheBenchmark.RunAsync(10, TimeSpan.FromSeconds(3));
        return 0;
    case ["warm"]:
        await WarmReturnBenchmark.RunAsync();
        return 0;
    case ["speed"]:
        await SpeedReport.RunAsync();
        return 0;
    case ["failover"]:
        await FailoverBenchmark.RunAsync(10);
        return 0;
    case ["failover", var text] when int.TryParse(text, out var rounds) && rounds > 0:
        await FailoverBenchmark.RunAsync(rounds);
        return 0;
    case ["zookeeper"]:
        await ZooKeeperBenchmark.RunAsync(rounds: 15);
        return 0;
    case ["zookeeper", "quick"]:
        await ZooKeeperBenchmark.RunAsync(rounds: 3);
        return 0;
    case ["idle"]:
        await IdleBenchmark.RunAsync(TimeSpan.FromSeconds(60));
        return 0;
    default:
        Console.Error.WriteLine(
            """
            usage: dotnet run -c Release --project bench/RingKeeper.Benchmarks -- WHAT

              ring, route, build [ARGS]  BenchmarkDotNet over lookups, routes and views; ARGS go to it
              get                        GET through the cluster beside modulo over the same connections, on three redis-servers
              face                       GET through GetDatabase() beside the database of the key's route, on three redis-servers, in a minute and a half
              cache [quick]              the cache beside plain commands to the same shards and beside Microsoft's distributed cache, on redis-servers, in three minutes
              warm                       what a shard's return costs the source behind a cache, cold and warm, on redis-servers, in two minutes
              speed                      one table of all targets and what is reached, in about two minutes
              failover [ROUNDS]          seconds from a fault until keys are served again, beside Sentinel and Redis Cluster; a minute a round
              zookeeper [quick]          the ZooKeeper client beside the C client and kazoo, on Apache ZooKeeper, in three minutes; needs gcc and libzookeeper-mt-dev
              idle                       what checkers cost while nothing happens, beside Sentinel, in two minutes
            """);
        return 2;
}

// In this process: the project that BenchmarkDotNet would generate and build does not pass this repository's analyzers. Short, since medians of ten
// runs of this work differ by less than the machine does from hour to hour.
static int Measure<T>(string[] args)
{
    Machine.Print();
    var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(5).WithIterationCount(10).WithIterationTime(TimeInterval.FromMilliseconds(200));
    var config = ManualConfig.Create(DefaultConfig.Instance)
        .AddJob(job)
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumn(StatisticColumn.Median, StatisticColumn.Min, StatisticColumn.Max)
        .HideColumns(Column.Error, Column.StdDev, Column.RatioSD);
    return BenchmarkRunner.Run<T>(config, args).HasCriticalValidationErrors ? 1 : 0;
}
