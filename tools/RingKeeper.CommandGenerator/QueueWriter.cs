using System.Text;

namespace RingKeeper.CommandGenerator;

/// <summary>Writes the part of the class that batches and transactions queue commands with: an explicit implementation of each asynchronous method.</summary>
internal static class QueueWriter
{
    public static string Write(IEnumerable<DecidedMethod> methods)
    {
        var text = new StringBuilder(SourceText.Head.Replace("namespace RingKeeper;", "using static RingKeeper.RoutedDatabase;\n\nnamespace RingKeeper;", StringComparison.Ordinal)).Append("""
            internal abstract partial class QueuedDatabase
            {

            """);
        var separator = "";
        foreach (var (method, rule) in methods)
        {
            text.Append(separator).Append($"    {CSharp.Head(method)} =>\n        {Body(method, rule)};\n");
            separator = "\n";
        }

        return text.Append("}\n").ToString().ReplaceLineEndings("\n");
    }

    private static string Body(CommandMethod method, CommandRule rule)
    {
        var by = rule.Expression(method);
        if (method.Command == "Ping")
        {
            return $"throw Refuse({CSharp.Text("A batch or transaction goes where its keys are, and Ping has none: call it on the database.")})";
        }

        if (method.Command == "CreateTransaction")
        {
            return $"throw Refuse({CSharp.Text("A batch or transaction holds no other transaction: make it on the database.")})";
        }

        if (method.ReturnsAsyncEnumerable)
        {
            return $"throw Refuse({CSharp.Text("A scan takes many answers, one after another, and a batch or transaction is sent at once: scan on the database.")})";
        }

        return rule.Way switch
        {
            Way.Refused => $"throw Refuse({CSharp.Text(by)})",
            Way.Expression => by,
            Way.Split => Parts(method, rule),
            Way.Owner => $"QueueAtOwner({by}, shard => shard.{Call(method)})",
            _ => $"Queue({by}, shard => shard.{Call(method)})",
        };
    }

    private static string Parts(CommandMethod method, CommandRule rule)
    {
        var list = method.KeyParameters.Single().Name;
        var names = string.Join(", ", method.Parameters.Select(p => p.Name == list ? "part" : p.Name));
        return $"QueueSplit({rule.Expression(method)}, {list}, {rule.MaySplit?.Invoke(method) ?? "true"}, (shard, part) => shard.{method.Name}({names}), {rule.Merge!(method)})";
    }

    private static string Call(CommandMethod method) => $"{method.Name}({FaceRules.Arguments(method)})";
}
