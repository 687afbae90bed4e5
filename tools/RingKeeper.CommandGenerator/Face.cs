namespace RingKeeper.CommandGenerator;

/// <summary>An interface of the library that a class of ours wears, all of whose members are calls of what is written by hand.</summary>
/// <param name="Class">The class.</param>
/// <param name="Interface">The interface.</param>
/// <param name="Rules">What becomes of its members.</param>
internal sealed record Face(string Class, Type Interface, IReadOnlyList<CommandRule> Rules)
{
    /// <summary>Where the generated part stands.</summary>
    public string Path => $"src/RingKeeper/Commands/{Class}.g.cs";

    /// <summary>Finds the rule of each member.</summary>
    /// <exception cref="UndecidedMethodException">A member has none, or a rule decides nothing.</exception>
    public List<DecidedMethod> Decide() => CommandRules.Decide(CommandMethod.All(Interface), Rules, Class);
}
