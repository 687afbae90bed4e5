namespace RingKeeper.Cli.Doctor;

/// <summary>Everything that the servers were asked, as they answered. Immutable; the checks judge it and ask nobody.</summary>
/// <param name="Name">The cluster's name.</param>
/// <param name="Now">The present by this machine's clock.</param>
/// <param name="Timeout">How long each question was given.</param>
internal sealed record DoctorFacts(string Name, DateTimeOffset Now, TimeSpan Timeout)
{
    /// <summary>Gets what each server of the connect string said.</summary>
    public required IReadOnlyList<ServerAnswer> Servers { get; init; }

    /// <summary>Gets what a session with them told.</summary>
    public required Asked<SessionFacts> Session { get; init; }

    /// <summary>Gets the cluster with its checkers.</summary>
    public required Asked<Fleet> Fleet { get; init; }

    /// <summary>Gets the znodes that anybody may change.</summary>
    public required Asked<IReadOnlyList<string>> OpenNodes { get; init; }

    /// <summary>Gets what each shard said; none where the cluster could not be read.</summary>
    public required IReadOnlyList<ShardAnswer> Shards { get; init; }

    /// <summary>Gets the difference to ZooKeeper's clock.</summary>
    public required Asked<ClockLook> ZooKeeperClock { get; init; }

    /// <summary>Gets the shards that answered, with what they said.</summary>
    public IEnumerable<(Shard Shard, ShardFacts Facts)> Answered => Shards.Where(static one => one.Answer.Value is not null).Select(static one => (one.Shard, one.Answer.Value!));

    /// <summary>Says which shards a check could not look at; none where all answered.</summary>
    public IEnumerable<Finding> Silent(string code)
    {
        if (Fleet.Value is null)
        {
            yield return Finding.NotChecked(code, $"the shards are not known: the cluster could not be read ({Fleet.Trouble})", "see the finding about ZooKeeper or the cluster");
        }
        else if (Shards.Where(static one => one.Answer.Value is null).Select(static one => one.Shard.Name).ToList() is { Count: > 0 } names)
        {
            yield return Finding.NotChecked(code, $"not known of {string.Join(", ", names)}, which did not answer INFO", "see the finding about that shard");
        }
    }

    /// <summary>Says that the cluster could not be read.</summary>
    public Finding Unread(string code) => Finding.NotChecked(code, $"the cluster could not be read: {Fleet.Trouble}", "see the finding about ZooKeeper or the cluster");
}
