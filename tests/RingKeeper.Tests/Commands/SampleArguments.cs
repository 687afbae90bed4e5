using System.Net;
using System.Reflection;
using StackExchange.Redis;

namespace RingKeeper.Tests.Commands;

/// <summary>Makes arguments for any method of the library's interfaces; keys come from a source, and no two arguments of one type are alike.</summary>
internal sealed class SampleArguments(Func<int, string> keys)
{
    private static readonly LuaScript Script = LuaScript.Prepare("return redis.call('copy', @from, @to)");
    private static readonly LoadedLuaScript Loaded = Script.Load(DispatchProxy.Create<IServer, FakeServer>());

    private int _count;

    /// <summary>How many keys were handed out.</summary>
    public int Keys { get; private set; }

    public static object?[] For(MethodInfo method, Func<int, string> keys) => For(method, keys, out _);

    public static object?[] For(MethodInfo method, Func<int, string> keys, out int count)
    {
        var samples = new SampleArguments(keys);
        object?[] arguments = [.. method.GetParameters().Select(parameter => samples.Of(parameter.ParameterType))];
        if (arguments is [LuaScript or LoadedLuaScript, ..])
        {
            arguments[1] = new ScriptMembers(samples.Key(), samples.Key());
        }

        count = samples.Keys;
        return arguments;
    }

    private RedisKey Key() => keys(Keys++);

    private object? Of(Type type)
    {
        var n = ++_count;
        return type switch
        {
            _ when type == typeof(RedisKey) => Key(),
            _ when type == typeof(RedisKey[]) => new[] { Key(), Key() },
            _ when type == typeof(ReadOnlyMemory<RedisKey>) => new ReadOnlyMemory<RedisKey>([Key(), Key()]),
            _ when type == typeof(StreamPosition[]) => new StreamPosition[] { new(Key(), "1-1"), new(Key(), "2-2") },
            _ when type == typeof(KeyValuePair<RedisKey, RedisValue>[]) => new KeyValuePair<RedisKey, RedisValue>[] { new(Key(), "1"), new(Key(), "2") },
            _ when type == typeof(ReadOnlyMemory<RedisKeyOrValue>) => new ReadOnlyMemory<RedisKeyOrValue>([Key(), (RedisValue)n, Key()]),
            _ when type == typeof(object[]) || type == typeof(ICollection<object>) => new object[] { "text", Key(), n, Key() },
            _ when type == typeof(RedisChannel) => RedisChannel.Literal((string)Key()!),
            _ when type == typeof(LuaScript) => Script,
            _ when type == typeof(LoadedLuaScript) => Loaded,
            _ when type == typeof(GeoSearchShape) => new GeoSearchCircle(n),
            _ when type == typeof(EndPoint) => new IPEndPoint(IPAddress.Loopback, n),
            _ when type == typeof(Task) => Task.CompletedTask,
            _ when type == typeof(Task[]) => new[] { Task.CompletedTask },
            _ when type == typeof(Task<int>) => Task.FromResult(n),
            _ when type == typeof(RedisValue) => (RedisValue)$"value{n}",
            _ when type == typeof(string) => $"text{n}",
            _ when type == typeof(object) => new object(),
            _ when type == typeof(bool) => n % 2 == 0,
            _ when type == typeof(int) => n,
            _ when type == typeof(long) => (long)n,
            _ when type == typeof(byte) => (byte)n,
            _ when type == typeof(double) => n + 0.5,
            _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(n),
            _ when type == typeof(DateTime) => DateTime.UnixEpoch.AddDays(n),
            _ when type.IsEnum => Enum.GetValues(type).GetValue(n % Enum.GetValues(type).Length),
            _ when Nullable.GetUnderlyingType(type) is { } underlying => Of(underlying),
            _ when type.IsArray => ArrayOf(type.GetElementType()!),
            _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>) =>
                Activator.CreateInstance(type, ArrayOf(type.GetGenericArguments()[0])),
            _ when type.IsValueType => Activator.CreateInstance(type),
            _ => null,
        };
    }

    private Array ArrayOf(Type element)
    {
        var array = Array.CreateInstance(element, 1);
        array.SetValue(Of(element), 0);
        return array;
    }

    private sealed record ScriptMembers(RedisKey From, RedisKey To)
    {
#pragma warning disable IDE1006, SA1300 // The names of the script's parameters.
        public RedisKey from => From;

        public RedisKey to => To;
#pragma warning restore IDE1006, SA1300
    }
}

/// <summary>A server that takes scripts.</summary>
public class FakeServer : DispatchProxy
{
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        "ScriptLoad" => new byte[20],
        "get_IsReplica" => false,
        _ => throw new NotSupportedException(targetMethod.Name),
    };
}
