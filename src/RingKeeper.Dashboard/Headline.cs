namespace RingKeeper.Dashboard;

/// <summary>The state of a cluster in one plain sentence. Pure.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Kind">How good it is, for the colour: <c>good</c>, <c>warn</c>, <c>bad</c> or <c>quiet</c>.</param>
/// <param name="Icon">The sign.</param>
internal sealed record Headline(string Text, string Kind, Icon Icon)
{
    /// <summary>Puts a state into words.</summary>
    public static Headline Of(DashboardState state)
    {
        if (state.News.Fleet is not { } fleet)
        {
            return new Headline(state.News.Trouble is { } trouble ? $"Nothing is known of this cluster: {trouble}" : "Nothing is known yet: the cluster is being read", "quiet", Icon.Waiting);
        }

        var dead = state.Shards.Where(static shard => shard is { Status.Alive: false, Shard.Drained: false }).ToList();
        var drained = state.Shards.Where(static shard => shard is { Status.Alive: false, Shard.Drained: true }).ToList();
        var undecided = state.Shards.Where(static shard => shard.Status is null).ToList();
        var serving = state.Shards.Length - dead.Count - drained.Count - undecided.Count;
        List<string> parts = [];
        if (serving == 0)
        {
            parts.Add("No shard serves");
        }
        else if (dead.Count > 0)
        {
            parts.Add($"{Dead(dead, state.At)}; {Heirs(state, fleet)}");
        }
        else
        {
            parts.Add($"{serving} of {Figures.Count(state.Shards.Length, "shard serves", "shards serve")}");
        }

        if (drained.Count > 0)
        {
            parts.Add($"{Names(drained)} {(drained.Count == 1 ? "is" : "are")} drained");
        }

        if (undecided.Count > 0)
        {
            parts.Add($"{Names(undecided)} {(undecided.Count == 1 ? "is" : "are")} undecided");
        }

        var held = state.Shards.Where(static shard => shard.Count.Hold is { IsBrake: true }).ToList();
        if (held.Count > 0)
        {
            parts.Add($"the brake holds the {(held.Count == 1 ? "death" : "deaths")} of {Names(held)}");
        }

        parts.Add(fleet.Leader is { } leader ? $"{leader.Checker ?? leader.Node} leads" : "nobody decides");
        var (kind, icon) = KindOf(state, serving, dead.Count, undecided.Count);
        return new Headline(string.Join("; ", parts), kind, icon);
    }

    private static (string Kind, Icon Icon) KindOf(DashboardState state, int serving, int dead, int undecided)
    {
        if (serving == 0 || dead > 0)
        {
            return ("bad", Icon.Dead);
        }

        if (state.Alarms.Any(static alarm => alarm.Level == FleetAlarmLevel.Critical))
        {
            return ("bad", Icon.Warning);
        }

        return undecided > 0 || state.News.Trouble is not null || state.Alarms.Any(static alarm => alarm.Level == FleetAlarmLevel.Warning) ? ("warn", Icon.Warning) : ("good", Icon.Alive);
    }

    private static string Dead(List<ShardPanel> dead, DateTimeOffset now) =>
        dead.Count == 1 ? $"{dead[0].Shard.Name} is dead since {Moment.Tell(dead[0].Status!.Since, now)}" : $"{Names(dead)} are dead";

    // Who serves what the dead own, as the ring has it: not every shard inherits.
    private static string Heirs(DashboardState state, Fleet fleet)
    {
        var its = state.Shards.Count(static shard => shard is { Status.Alive: false, Shard.Drained: false }) == 1 ? "its" : "their";
        if (!fleet.Cluster.Options.FailoverEnabled)
        {
            return $"without failover nobody serves {its} keys";
        }

        var heirs = state.Picture is null ? [] : RingSlots.Of(state).Where(slot => slot.Server >= 0 && state.Shards[slot.Owner] is { Status.Alive: false, Shard.Drained: false }).Select(static slot => slot.Server).Distinct().Order().ToList();
        return heirs.Count == 0 ? $"others serve {its} keys" : $"{Figures.List([.. heirs.Select(heir => state.Shards[heir].Shard.Name)])} {(heirs.Count == 1 ? "serves" : "serve")} {its} keys";
    }

    private static string Names(List<ShardPanel> shards) => Figures.List([.. shards.Select(static shard => shard.Shard.Name)]);
}
