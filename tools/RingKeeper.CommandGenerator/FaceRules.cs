namespace RingKeeper.CommandGenerator;

/// <summary>Makes the rules of faces, which name their members one by one.</summary>
internal static class FaceRules
{
    /// <summary>A rule whose members call one of ours with the same arguments: the name, or another one where a name and arguments would be the member itself.</summary>
    public static CommandRule Call(string title, string says, params string[] names) => By(title, says, static m => $"{m.Name}({Arguments(m)})", names);

    /// <summary>A rule whose members are an expression.</summary>
    public static CommandRule By(string title, string says, Func<CommandMethod, string> expression, params string[] names) =>
        new(title, says, method => names.Contains(method.Name) || names.Contains(method.Command), Way.Expression, expression);

    /// <summary>A rule whose members refuse.</summary>
    public static CommandRule Refuse(string title, string why, params string[] names) =>
        new(title, $"`NotSupportedException`. {why}", method => names.Contains(method.Name) || names.Contains(method.Command), Way.Refused, _ => why);

    public static string Arguments(CommandMethod method) => string.Join(", ", method.Parameters.Select(static p => p.IsOut ? $"out {p.Name}" : p.Name));
}
