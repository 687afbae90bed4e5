using System.Diagnostics;
using System.Globalization;

namespace RingKeeper.Simulator;

/// <summary>The command <c>run</c>.</summary>
internal static class RunCommand
{
    /// <summary>How it is called.</summary>
    public static string Usage =>
        $"""
        run [--cache] [--seed N] [--runs N] [--events N] [--reads N] [--profile NAME] [--mutant NAME] [--waive LAW,LAW] [--trace]
          profiles: {string.Join(", ", Profiles.Select(static p => $"'{p.Name}'"))}
          mutants: {string.Join(", ", Mutations.All.AddRange(CacheMutations.All).Select(static m => m.Name))}
        """;

    private static IEnumerable<FaultProfile> Profiles => FaultProfile.All.Append(FaultProfile.Caches).Append(FaultProfile.CachesAndGoManagers).Append(FaultProfile.CachesThatFailOver).Append(FaultProfile.CachesThatFill).Concat(FaultProfile.OfGoreLib).Append(FaultProfile.GoreLibFarApart);

    public static int Run(string[] arguments, TextWriter output, TextWriter errors)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (name is "--trace" or "--cache")
            {
                values[name] = "";
            }
            else if (name is "--seed" or "--runs" or "--events" or "--reads" or "--profile" or "--mutant" or "--waive" && i + 1 < arguments.Length)
            {
                values[name] = arguments[++i];
            }
            else
            {
                return Refuse(errors);
            }
        }

        var profile = Profiles.FirstOrDefault(p => p.Name == values.GetValueOrDefault("--profile"));
        var mutation = Mutations.All.AddRange(CacheMutations.All).FirstOrDefault(m => m.Name == values.GetValueOrDefault("--mutant"));
        List<Law> waived = [.. (values.GetValueOrDefault("--waive") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static n => Enum.TryParse<Law>(n, out var law) ? law : (Law)(-1))];
        if (waived.Contains((Law)(-1)) || (values.ContainsKey("--profile") && profile is null) || (values.ContainsKey("--mutant") && mutation is null)
            || !TryNumber(values, "--seed", 1, out var seed) || !TryNumber(values, "--runs", values.ContainsKey("--events") || values.ContainsKey("--reads") ? int.MaxValue : 1, out var runs) || !TryNumber(values, "--events", int.MaxValue, out var events) || !TryNumber(values, "--reads", int.MaxValue, out var reads))
        {
            return Refuse(errors);
        }

        output.WriteLine($"seed {seed}");
        var watch = Stopwatch.StartNew();
        var result = RunBatch.Run(seed, runs, events, s => new SimulationOptions(s, profile ?? (values.ContainsKey("--cache") ? FaultProfile.OfCache(s) : FaultProfile.Of(s))) { Mutation = mutation, Waived = waived }, run =>
        {
            if (values.ContainsKey("--trace"))
            {
                foreach (var line in run.Trace)
                {
                    output.WriteLine(line);
                }
            }

            if (runs <= 20 || run.Violations.Count > 0)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {run.Seed} ({run.Shape}): {run.Faults.Total} faults, {run.Decisions} decisions, digest {run.Digest:x16}"));
            }
        }, reads);
        foreach (var line in result.Describe())
        {
            output.WriteLine(line);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s, {result.Faults.Total / seconds:0} faults and {result.Steps / seconds:0} events a second"));
        return result.Broken is null ? 0 : 1;
    }

    private static int Refuse(TextWriter errors)
    {
        errors.WriteLine(Usage);
        return 2;
    }

    private static bool TryNumber(Dictionary<string, string> values, string name, int otherwise, out int number)
    {
        number = otherwise;
        return !values.TryGetValue(name, out var text) || int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }
}
