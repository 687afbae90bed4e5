using System.Text.Json;
using RingKeeper.Cli.Documents;

namespace RingKeeper.Cli.Handlers;

/// <summary>Shows what applying documents changes and which keys it moves.</summary>
internal static class ApplyReport
{
    public static void Write(IReadOnlyList<ClusterPlan> plans, bool json, CliOutput output)
    {
        if (json)
        {
            output.WriteJson(new { changes = plans.Count(static plan => !plan.Diff.IsEmpty), clusters = plans.Select(Shape) });
            return;
        }

        foreach (var plan in plans)
        {
            WriteChanges(plan, output);
            WriteMovement(plan, output);
        }
    }

    public static void WriteDone(ClusterPlan plan, ZKClusterInfo written, bool json, CliOutput output)
    {
        if (json)
        {
            output.WriteJson(new { written.Name, plan.Action, written.Version });
        }
        else
        {
            output.WriteLine($"{(plan.Diff.IsNew ? "Created" : "Updated")} cluster '{written.Name}'");
        }
    }

    private static void WriteChanges(ClusterPlan plan, CliOutput output)
    {
        var diff = plan.Diff;
        if (diff.IsEmpty)
        {
            output.WriteLine($"cluster {DocumentText.ToYaml(diff.Name)}: is as described");
            WriteRestored(plan, output);
            return;
        }

        output.WriteLine($"cluster {DocumentText.ToYaml(diff.Name)}: {plan.Action}");
        WriteRestored(plan, output);
        foreach (var option in diff.IsNew ? FieldChange.Between([], ClusterFields.Of(plan.Document.Options)) : diff.Options)
        {
            output.WriteLine($"  option {Text(option)}");
        }

        foreach (var shard in diff.Removed)
        {
            output.WriteLine($"  shard {DocumentText.ToYaml(shard.Name)}: removed, was {Fields(shard)}");
        }

        foreach (var shard in diff.Added)
        {
            output.WriteLine($"  shard {DocumentText.ToYaml(shard.Name)}: added, {Fields(shard)}");
        }

        foreach (var (name, fields) in diff.Changed)
        {
            output.WriteLine($"  shard {DocumentText.ToYaml(name)}: {string.Join(", ", fields.Select(Text))}");
        }

        if (diff.IsReordered)
        {
            output.WriteLine($"  order of shards: {string.Join(", ", plan.Document.Shards.Select(static shard => DocumentText.ToYaml(shard.Name)))}");
        }
    }

    private static void WriteRestored(ClusterPlan plan, CliOutput output)
    {
        if (RestoredFields.Describe(Restored(plan)) is { } restored)
        {
            output.WriteLine($"  {restored}{(plan.Diff.IsEmpty ? "; nothing else differs, so nothing is written" : "")}");
        }
    }

    private static IReadOnlyList<string> Restored(ClusterPlan plan) => plan.Present?.RestoredFields ?? [];

    private static void WriteMovement(ClusterPlan plan, CliOutput output)
    {
        if (plan.Uncounted is { } reason)
        {
            output.WriteLine($"  keys that move: cannot be counted, any may: {reason}");
        }

        if (plan.Movement is not { } movement)
        {
            return;
        }

        if (plan.Diff.RingOptions.Count > 0)
        {
            output.WriteLine($"  the ring itself is another one: {string.Join(", ", plan.Diff.RingOptions)}");
        }

        output.WriteLine($"  keys that move to another shard: {movement.Moved} of {movement.Keys} tried ({movement.Share * 100:0.00}%)");
        if (movement.Readdressed > 0)
        {
            output.WriteLine($"  keys whose shard gets another address: {movement.Readdressed}; they are there only if the data moves along");
        }

        if (movement.Renamed > 0)
        {
            output.WriteLine($"  keys that stay at their address, under another name: {movement.Renamed}");
        }

        if (movement.IsAny)
        {
            output.WriteTable(
                ["shard", "keys before", "keys after", "gained", "lost"],
                [.. movement.Shards.Select(static shard => (string[])[DocumentText.ToYaml(shard.Name), $"{shard.Before}", $"{shard.After}", $"{shard.Gained}", $"{shard.Lost}"])]);
        }
    }

    private static string Text(FieldChange change) => change.Before is null ? $"{change.Field}: {change.After}" : $"{change.Field}: {change.Before} -> {change.After ?? "none"}";

    private static string Fields(Shard shard) => string.Join(", ", ClusterFields.Of(shard).Skip(1).Select(static field => $"{field.Label}: {field.Json}"));

    private static object Shape(ClusterPlan plan) => new
    {
        plan.Diff.Name,
        plan.Action,
        plan.MovesKeys,
        RestoredFields = Restored(plan),
        Options = plan.Diff.Options.Select(Shape),
        Added = plan.Diff.Added.Select(Shape),
        Removed = plan.Diff.Removed.Select(Shape),
        Changed = plan.Diff.Changed.Select(static change => new { change.Name, Fields = change.Fields.Select(Shape) }),
        plan.Diff.IsReordered,
        plan.Diff.RingOptions,
        plan.Movement,
        plan.Uncounted,
    };

    private static object Shape(Shard shard) => ClusterFields.ToJsonObject(ClusterFields.Of(shard));

    private static object Shape(FieldChange change) => new { change.Field, Before = Value(change.Before), After = Value(change.After) };

    private static JsonElement? Value(string? json) => json is null ? null : JsonElement.Parse(json);
}
