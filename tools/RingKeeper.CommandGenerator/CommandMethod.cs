using System.Reflection;
using StackExchange.Redis;

namespace RingKeeper.CommandGenerator;

/// <summary>A method or property of the library's database interfaces, with what rules ask of it.</summary>
internal sealed class CommandMethod
{
    private static readonly Type[] AsyncInterfaces = [typeof(IDatabaseAsync), typeof(IRedisAsync)];

    // Parameters that hold keys or say where a command goes.
    private static readonly Type[] KeyTypes =
    [
        typeof(RedisKey), typeof(RedisKey[]), typeof(ReadOnlyMemory<RedisKey>), typeof(StreamPosition[]), typeof(KeyValuePair<RedisKey, RedisValue>[]),
        typeof(ReadOnlyMemory<RedisKeyOrValue>), typeof(object[]), typeof(ICollection<object>), typeof(LuaScript), typeof(LoadedLuaScript), typeof(RedisChannel),
    ];

    // Parameters that hold no key. A type in neither list stops the generator: somebody must look into it.
    private static readonly Type[] KeylessTypes =
    [
        typeof(bool), typeof(int), typeof(long), typeof(double), typeof(string), typeof(object), typeof(byte[]), typeof(double[]),
        typeof(TimeSpan), typeof(DateTime), typeof(System.Net.EndPoint), typeof(Task), typeof(Task[]), typeof(Task<>),
        typeof(RedisValue), typeof(RedisValue[]), typeof(ReadOnlyMemory<RedisValue>), typeof(HashEntry[]), typeof(HashImport), typeof(NameValueEntry[]),
        typeof(SortedSetEntry[]), typeof(GeoEntry), typeof(GeoEntry[]), typeof(GeoSearchShape), typeof(Expiration), typeof(ValueCondition),
        typeof(BitFieldOperation), typeof(ReadOnlyMemory<BitFieldOperation>),
        typeof(StreamAddOptions), typeof(StreamConfiguration), typeof(StreamIdempotentId), typeof(VectorSetAddRequest), typeof(VectorSetSimilaritySearchRequest),
        typeof(RedisArrayIndex), typeof(RedisArrayIndex[]), typeof(RedisArrayEntry[]), typeof(RedisArrayRange[]), typeof(ArrayGrepRequest),
    ];

    private CommandMethod(Type owner, MethodInfo info)
    {
        Owner = owner;
        Info = info;
        Parameters = info.GetParameters();
    }

    public Type Owner { get; }

    public MethodInfo Info { get; }

    public ParameterInfo[] Parameters { get; }

    public bool IsProperty => Info.IsSpecialName && (Info.Name.StartsWith("get_", StringComparison.Ordinal) || Info.Name.StartsWith("set_", StringComparison.Ordinal));

    public bool IsEvent => Info.IsSpecialName && !IsProperty;

    /// <summary>Whether it takes away or sets, where another accessor of the same name adds or gets.</summary>
    public bool IsSecondAccessor => Info.IsSpecialName && (Info.Name.StartsWith("set_", StringComparison.Ordinal) || Info.Name.StartsWith("remove_", StringComparison.Ordinal));

    /// <summary>Whether a property can be set.</summary>
    public bool HasSetter => IsProperty && Owner.GetProperty(Name)!.CanWrite;

    /// <summary>The name; that of a property or an event without its accessor's prefix.</summary>
    public string Name => Info.IsSpecialName ? Info.Name[(Info.Name.IndexOf('_', StringComparison.Ordinal) + 1)..] : Info.Name;

    /// <summary>The name without <c>Async</c>, which both interfaces share.</summary>
    public string Command => Name.EndsWith("Async", StringComparison.Ordinal) ? Name[..^"Async".Length] : Name;

    public bool OfAsyncInterface => AsyncInterfaces.Contains(Owner);

    public bool ReturnsTask => typeof(Task).IsAssignableFrom(Info.ReturnType);

    public bool ReturnsAsyncEnumerable => Info.ReturnType.IsGenericType && Info.ReturnType.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    public IEnumerable<ParameterInfo> KeyParameters => Parameters.Where(static p => KeyTypes.Contains(p.ParameterType));

    /// <summary>The only parameter of a type.</summary>
    public ParameterInfo? One<T>() => Parameters.SingleOrDefault(static p => p.ParameterType == typeof(T));

    /// <summary>Whether its keys are of exactly these types, in this order.</summary>
    public bool HasKeys(params Type[] types) => KeyParameters.Select(static p => p.ParameterType).SequenceEqual(types);

    /// <summary>Every member of one of the library's interfaces and those it extends, in one order whatever the runtime's.</summary>
    public static List<CommandMethod> All(Type root) =>
    [
        .. root.GetInterfaces().Append(root)
            .SelectMany(Of)
            .OrderBy(static method => method.Name, StringComparer.Ordinal)
            .ThenBy(static method => method.Parameters.Length)
            .ThenBy(static method => method.Info.ToString(), StringComparer.Ordinal)
            .ThenBy(static method => method.Owner.Name, StringComparer.Ordinal),
    ];

    /// <summary>Every member of the library's database interfaces; what their parameters can hold is known.</summary>
    /// <exception cref="UndecidedMethodException">A parameter has a type that nobody has looked into.</exception>
    public static List<CommandMethod> OfDatabase()
    {
        var all = All(typeof(IDatabase));
        all.ForEach(static method => method.RequireKnownTypes());
        return all;
    }

    /// <summary>The members of one interface; an accessor that another goes with is not told apart.</summary>
    public static IEnumerable<CommandMethod> Of(Type owner) => owner.GetMethods().Select(info => new CommandMethod(owner, info)).Where(static method => !method.IsSecondAccessor);

    public override string ToString() => $"{Owner.Name}.{Name}({string.Join(", ", Parameters.Select(static p => $"{CSharp.NameOf(p.ParameterType)} {p.Name}"))})";

    /// <summary>Requires that the types of all parameters are known to hold keys or none.</summary>
    public void RequireKnownTypes()
    {
        foreach (var parameter in Parameters)
        {
            var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
            type = type is { IsGenericType: true, ContainsGenericParameters: true } ? type.GetGenericTypeDefinition() : type;
            if (!type.IsEnum && !KeyTypes.Contains(type) && !KeylessTypes.Contains(type))
            {
                throw new UndecidedMethodException($"{this} takes {parameter.ParameterType}, which is not known here. Find out whether it can hold keys and add it to KeyTypes or KeylessTypes of {nameof(CommandMethod)}.");
            }
        }
    }
}
