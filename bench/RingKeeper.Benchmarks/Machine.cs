using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;

namespace RingKeeper.Benchmarks;

/// <summary>What figures depend on and must stand beside.</summary>
internal static class Machine
{
    public static void Print()
    {
        var debug = typeof(HashRing).Assembly.GetCustomAttribute<System.Diagnostics.DebuggableAttribute>()?.IsJITOptimizerDisabled ?? false;
        if (debug)
        {
            throw new InvalidOperationException("RingKeeper was built without optimisation; its figures would mean nothing. Run with -c Release.");
        }

        Console.WriteLine($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
        Console.WriteLine($"{Processor()}, {Environment.ProcessorCount} logical processors, load {Load()}");
        Console.WriteLine($"GC {(GCSettings.IsServerGC ? "server" : "workstation")}, latency {GCSettings.LatencyMode}; tiered PGO {Setting("TieredPGO")}; SDK {Sdk()}");
        Console.WriteLine($"StackExchange.Redis {VersionOf(typeof(StackExchange.Redis.RedisKey))}, System.IO.Hashing {VersionOf(typeof(System.IO.Hashing.Crc32))}");
        Console.WriteLine();
    }

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor"
        : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";

    // The reader must know whether others were at work.
    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static string Setting(string name) =>
        Environment.GetEnvironmentVariable($"DOTNET_{name}") ?? (AppContext.TryGetSwitch($"System.Runtime.{name}", out var on) ? $"{on}" : "default");

    private static string Sdk() => typeof(Machine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(static data => data.Key == "Sdk").Value ?? "unknown";

    private static string VersionOf(Type type) => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
