using System.Reflection;

namespace RingKeeper.CommandGenerator;

/// <summary>Names as C# writes them.</summary>
internal static class CSharp
{

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>A parameter with its modifier and type.</summary>
    public static string Declare(ParameterInfo parameter) =>
        parameter.IsOut ? $"out {NameOf(parameter.ParameterType.GetElementType()!)} {parameter.Name}" : $"{NameOf(parameter.ParameterType)} {parameter.Name}";

    /// <summary>The name of the member with that of its interface, and its parameters.</summary>
    public static string Head(CommandMethod method)
    {
        if (method.IsEvent)
        {
            return $"event {NameOf(method.Parameters[0].ParameterType)} {method.Owner.Name}.{method.Name}";
        }

        var name = $"{NameOf(method.Info.ReturnType)} {method.Owner.Name}.{method.Name}";
        if (method.IsProperty)
        {
            return name;
        }

        var generic = method.Info.IsGenericMethodDefinition ? $"<{string.Join(", ", method.Info.GetGenericArguments().Select(static t => t.Name))}>" : "";
        return $"{name}{generic}({string.Join(", ", method.Parameters.Select(Declare))})";
    }

    /// <summary>A sentence as a literal.</summary>
    public static string Text(string sentence) => $"\"{sentence.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    public static string NameOf(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }

        if (type.IsArray)
        {
            return NameOf(type.GetElementType()!) + "[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return NameOf(underlying) + "?";
        }

        return type.IsGenericType
            ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
            : type.Name;
    }
}
