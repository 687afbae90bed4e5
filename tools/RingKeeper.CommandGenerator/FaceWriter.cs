using System.Text;

namespace RingKeeper.CommandGenerator;

/// <summary>Writes the generated part of a class that wears an interface: an explicit implementation of each member.</summary>
internal static class FaceWriter
{
    public static string Write(Face face)
    {
        var text = new StringBuilder(SourceText.Head).Append($$"""
            internal sealed partial class {{face.Class}}
            {

            """);
        var separator = "";
        foreach (var (method, rule) in face.Decide())
        {
            text.Append(separator).Append(Member(method, rule));
            separator = "\n";
        }

        return text.Append("}\n").ToString().ReplaceLineEndings("\n");
    }

    private static string Member(CommandMethod method, CommandRule rule)
    {
        var head = CSharp.Head(method);
        var body = rule.Expression(method);
        if (rule.Way == Way.Refused)
        {
            body = $"throw Refuse({CSharp.Text(body)})";
            return method.IsEvent ? $"    {head}\n    {{\n        add => {body};\n        remove => {body};\n    }}\n"
                : method.HasSetter ? $"    {head}\n    {{\n        get => {body};\n        set => {body};\n    }}\n"
                : $"    {head} =>\n        {body};\n";
        }

        return method.IsEvent ? $"    {head}\n    {{\n        add => {body} += value;\n        remove => {body} -= value;\n    }}\n"
            : method.HasSetter ? $"    {head}\n    {{\n        get => {body};\n        set => {body} = value;\n    }}\n"
            : $"    {head} =>\n        {body};\n";
    }
}
