using System.Globalization;
using RingKeeper.Cli.Documents;

namespace RingKeeper.Cli.Handlers;

/// <summary>Shows what a change would move, with a picture of bars that is the same with and without colour. Pure but for the output.</summary>
/// <param name="cluster">The cluster's name.</param>
/// <param name="what">The change.</param>
/// <param name="result">What it moves.</param>
internal sealed class WhatIfReport(string cluster, WhatIf what, WhatIfResult result)
{
    private const int BarWidth = 24;
    private const string Eighths = "▏▎▍▌▋▊▉";

    /// <summary>Draws a bar: full blocks, then one for what is left, in eighths.</summary>
    public static string Bar(double part, int width)
    {
        var eighths = (int)Math.Round(Math.Clamp(part, 0, 1) * width * 8);
        var rest = eighths % 8;
        return new string('█', eighths / 8) + (rest > 0 ? Eighths[rest - 1] : "");
    }

    public void Write(bool json, CliOutput output)
    {
        if (json)
        {
            output.WriteJson(Shape());
            return;
        }

        foreach (var line in Tell())
        {
            output.WriteLine(line);
        }
    }

    /// <summary>Tells it in lines.</summary>
    public IEnumerable<string> Tell()
    {
        yield return $"cluster {cluster}, if {string.Join(" and ", Changes())}; nothing is changed";
        yield return result.Exact ? "counted: the whole key space, exactly" : string.Create(CultureInfo.InvariantCulture, $"counted: {result.Counted:#,0} keys");
        yield return "";
        yield return $"keys with another owner          {Size(result.MovedOwner)}";
        yield return $"keys served by another shard     {Size(result.MovedServer)}";
        yield return $"expected extra misses            {Size(result.ExtraMisses)}";
        if (result.UnservedBefore + result.UnservedAfter > 0)
        {
            yield return $"keys that nobody serves          {Size(result.UnservedBefore)} before, {Size(result.UnservedAfter)} after";
        }

        yield return "";
        foreach (var line in Bars().Concat(Heirs()).Append("").Concat(Balance()).Append("").Concat(Notes()))
        {
            yield return line;
        }
    }

    private IEnumerable<string> Changes()
    {
        string[] parts = [Names(what.Killed, "dies", "die"), Names(what.Removed, "is removed", "are removed"), Names(what.Added, "is added", "are added")];
        List<string> changes = [.. parts.Where(static part => part.Length > 0)];
        return what.After.Ring.Shards.Any(shard => what.Before.Ring.Shards.FirstOrDefault(old => old.Name == shard.Name) is { } old && old.Weight != shard.Weight) ? changes.Append("weights are set") : changes;
    }

    private IEnumerable<string> Bars()
    {
        var most = Math.Max(result.BalanceBefore.Largest, result.BalanceAfter.Largest);
        var width = result.Shards.Max(static shard => TerminalText.Of(shard.Name).Length);
        foreach (var shard in result.Shards)
        {
            var name = TerminalText.Of(shard.Name).PadRight(width);
            yield return $"{name}  before  {Of(shard.Before, shard.StateBefore)}".TrimEnd();
            yield return $"{new string(' ', width)}  after   {Of(shard.After, shard.StateAfter)}{Extra(shard)}".TrimEnd();
        }

        string Of(double size, string state) => state == "alive"
            ? $"{Bar(most > 0 ? size / most : 0, BarWidth).PadRight(BarWidth)}  {Percent(size)}"
            : state;
    }

    private string Extra(ShardLoad shard)
    {
        var extra = shard.After - shard.Before;
        return shard.StateAfter != "alive" || Math.Abs(extra) < result.Counted * 1e-9
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"  {Signed(extra)}{(shard.RelativeExtra is { } relative ? $", {relative * 100:+0.0;-0.0}% of its load" : ", new load")}");
    }

    private IEnumerable<string> Heirs()
    {
        foreach (var shard in result.Shards.Where(static shard => shard.GoesTo.Count > 0))
        {
            yield return "";
            yield return $"what {shard.Name} serves goes to {string.Join(", ", shard.GoesTo.Select(heir => $"{(heir.Name == shard.Name ? $"{heir.Name} at its new address" : heir.Name ?? "nobody")} {Size(heir.Size)}"))}";
        }
    }

    private IEnumerable<string> Balance()
    {
        yield return "balance  least     mean      largest   deviation";
        yield return Line("before", result.BalanceBefore);
        yield return Line("after", result.BalanceAfter);

        string Line(string when, LoadBalance balance) =>
            $"{when,-7}  {Percent(balance.Least),-8}  {Percent(balance.Mean),-8}  {Percent(balance.Largest),-8}  {Percent(balance.Deviation)}";
    }

    private IEnumerable<string> Notes()
    {
        var warm = what.WarmReturn is { } time ? Duration.Format(time) : null;
        if (what.Killed.Count > 0 && !what.After.FailoverEnabled)
        {
            yield return $"failover is off: the keys of {string.Join(", ", what.Killed)} are not served until {(what.Killed.Count == 1 ? "it returns" : "they return")}; no other shard takes over";
        }

        if (what.Killed.Count > 0)
        {
            yield return warm is null
                ? $"when {string.Join(", ", what.Killed)} {(what.Killed.Count == 1 ? "returns, its" : "return, their")} keys are misses once more: what is held from before the death is stale by then"
                : $"when {string.Join(", ", what.Killed)} {(what.Killed.Count == 1 ? "returns, its" : "return, their")} keys are misses once more, which caches may fill from the heirs for {warm} (warm return)";
        }

        if (result.StaleInPlace > 0)
        {
            yield return $"of the misses, {Size(result.StaleInPlace)} are of keys that stay where they are served: the change alters the way there, past a dead shard, and copies from before count as stale";
        }

        var misses = what.Added.Count + what.Removed.Count > 0 || what.Killed.Count == 0;
        if (misses && what.WarmReturn is not null)
        {
            yield return $"misses of keys that move by the change itself may be filled for {warm} from the shard that served them before, while it is in the cluster (warm return)";
        }
    }

    private object Shape() => new
    {
        Cluster = cluster,
        what.Killed,
        what.Removed,
        what.Added,
        FailoverEnabled = what.After.FailoverEnabled,
        WarmReturnMs = (long?)what.WarmReturn?.TotalMilliseconds,
        result.Counted,
        result.Exact,
        result.MovedOwner,
        result.MovedServer,
        result.ExtraMisses,
        result.UnservedBefore,
        result.UnservedAfter,
        result.BalanceBefore,
        result.BalanceAfter,
        result.Shards,
    };

    private static string Names(IReadOnlyList<string> names, string one, string many) => names.Count == 0 ? "" : $"{string.Join(", ", names)} {(names.Count == 1 ? one : many)}";

    private string Size(double size) => result.Exact ? Percent(size) : string.Create(CultureInfo.InvariantCulture, $"{size:#,0} ({Percent(size)})");

    private string Percent(double size) => string.Create(CultureInfo.InvariantCulture, $"{(result.Counted > 0 ? size / result.Counted : 0) * 100:0.00}%");

    private string Signed(double size) => string.Create(CultureInfo.InvariantCulture, $"{size / result.Counted * 100:+0.00;-0.00} points");
}
