using System.Text;

namespace RingKeeper.CommandGenerator;

/// <summary>Writes a part of the class that routes commands: an explicit implementation of each method.</summary>
internal static class DatabaseWriter
{
    // Names that generated code uses beside the parameters'.
    private static readonly string[] Taken = ["route", "routing", "shard", "part"];

    public static string Write(IEnumerable<DecidedMethod> methods)
    {
        var text = new StringBuilder(SourceText.Head).Append("""
            internal sealed partial class RoutedDatabase
            {

            """);
        var separator = "";
        foreach (var decided in methods)
        {
            text.Append(separator);
            Append(text, decided.Method, decided.Rule);
            separator = "\n";
        }

        return text.Append("}\n").ToString().ReplaceLineEndings("\n");
    }

    private static void Append(StringBuilder text, CommandMethod method, CommandRule rule)
    {
        if (method.Parameters.FirstOrDefault(static p => Taken.Contains(p.Name)) is { } parameter)
        {
            throw new UndecidedMethodException($"{method} has a parameter named {parameter.Name}, as generated code names something else. Choose another name in {nameof(DatabaseWriter)}.");
        }

        var head = CSharp.Head(method);
        var by = rule.Expression(method);
        var whole = rule.Way switch
        {
            Way.Refused => $"throw Refuse({CSharp.Text(by)})",
            Way.Expression => by,
            Way.Split => Parts(method, rule),
            Way.Routed when method.ReturnsAsyncEnumerable => $"Scan({by}, shard => shard.{Call(method)})",

            // What is asked for, and when, is up to who enumerates it.
            Way.Routed when IsEnumerable(method) => $"Serving({by}).{Call(method)}",
            _ => null,
        };
        if (whole is not null)
        {
            text.Append($"    {head} =>\n        {whole};\n");
            return;
        }

        if (method.ReturnsTask)
        {
            AppendTask(text, method, head, $"{(rule.Way == Way.Owner ? "RouteToOwner" : "Route")}({by})");
        }
        else
        {
            AppendNow(text, method, head, by, rule.Way == Way.Owner);
        }
    }

    // What tells of the call has a function of its own, so that a call of which nothing is told pays for no closure.
    private static void AppendNow(StringBuilder text, CommandMethod method, string head, string by, bool atOwner)
    {
        var names = string.Concat(method.Parameters.Select(static p => $", {p.Name}"));
        var parameters = string.Concat(method.Parameters.Select(static p => $", {CSharp.NameOf(p.ParameterType)} {p.Name}"));
        var returns = method.Info.ReturnType == typeof(void) ? "" : "return ";
        text.Append($$"""
                {{head}}
                {
                    if (CommandTelemetry.IsOn)
                    {
                        {{returns}}Told(this{{names}});
                        {{(returns.Length == 0 ? "return;" : "")}}
                    }

                    {{returns}}{{(atOwner ? "ServingOwner" : "Serving")}}({{by}}).{{Call(method)}};

                    static {{CSharp.NameOf(method.Info.ReturnType)}} Told(RoutedDatabase ring{{parameters}}) =>
                        CommandTelemetry.Tell({{CommandNames.Expression(method)}}, () => ring.{{(atOwner ? "FoundOwner" : "Found")}}({{by}}), shard => shard.{{Call(method)}});
                }

            """.Replace("            \n        }", "        }", StringComparison.Ordinal));
    }

    // The wait has a function of its own, so that a call whose route is ready pays for no closure.
    private static void AppendTask(StringBuilder text, CommandMethod method, string head, string find)
    {
        var names = string.Concat(method.Parameters.Select(static p => $", {p.Name}"));
        var parameters = string.Concat(method.Parameters.Select(static p => $", {CSharp.NameOf(p.ParameterType)} {p.Name}"));
        text.Append($$"""
                {{head}}
                {
                    var route = {{find}};
                    return route.IsCompletedSuccessfully && !CommandTelemetry.IsOn ? route.Result.Database.{{Call(method)}} : Wait(route{{names}});

                    static {{CSharp.NameOf(method.Info.ReturnType)}} Wait(ValueTask<ShardRoute> routing{{parameters}}) =>
                        WhenRoutedAsync({{CommandNames.Expression(method)}}, routing, shard => shard.{{Call(method)}});
                }

            """);
    }

    private static string Parts(CommandMethod method, CommandRule rule)
    {
        var list = method.KeyParameters.Single().Name;
        var names = string.Join(", ", method.Parameters.Select(p => p.Name == list ? "part" : p.Name));
        return $"{(method.ReturnsTask ? "SplitAsync" : "Split")}({CommandNames.Expression(method)}, {rule.Expression(method)}, {list}, {rule.MaySplit?.Invoke(method) ?? "true"}, (shard, part) => shard.{method.Name}({names}), {rule.Merge!(method)})";
    }

    private static bool IsEnumerable(CommandMethod method) =>
        method.Info.ReturnType.IsGenericType && method.Info.ReturnType.GetGenericTypeDefinition() == typeof(IEnumerable<>);

    private static string Call(CommandMethod method) => $"{method.Name}({string.Join(", ", method.Parameters.Select(static p => p.Name))})";
}
