namespace RingKeeper.CommandGenerator;

/// <summary>How the calls of a rule get where they go.</summary>
internal enum Way
{
    /// <summary>To the shard that serves the keys.</summary>
    Routed,

    /// <summary>To the keys' owner, whatever the policy.</summary>
    Owner,

    /// <summary>In parts to the shards that serve the keys, whose results are merged, where the rule's condition allows it; else as <see cref="Routed"/>.</summary>
    Split,

    /// <summary>By an expression that stands for the whole call.</summary>
    Expression,

    /// <summary>Nowhere: the expression is the sentence that says why.</summary>
    Refused,
}

/// <summary>One line of the table that decides what becomes of each method.</summary>
/// <param name="Title">Which calls these are, for the documentation.</param>
/// <param name="Says">What becomes of them, for the documentation.</param>
/// <param name="Covers">Whether a method is decided by this rule; the first that covers it decides.</param>
/// <param name="Way">How its calls get where they go.</param>
/// <param name="Expression">C#: what is routed by, or what <see cref="Way"/> says.</param>
internal sealed record CommandRule(string Title, string Says, Func<CommandMethod, bool> Covers, Way Way, Func<CommandMethod, string> Expression)
{
    /// <summary>C#: what merges the results of the parts.</summary>
    public Func<CommandMethod, string>? Merge { get; init; }

    /// <summary>C#: whether a call may be split; null for any.</summary>
    public Func<CommandMethod, string>? MaySplit { get; init; }
}

/// <summary>A method and the rule that decides it.</summary>
internal sealed record DecidedMethod(CommandMethod Method, CommandRule Rule);
