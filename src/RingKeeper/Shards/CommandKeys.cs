using StackExchange.Redis;

namespace RingKeeper;

/// <summary>The keys of one command, in the order of its parameters, without a copy of any list that it was given.</summary>
/// <remarks>
/// No key at all (a list that is null or empty) counts as the empty key, so that the call goes to one and the same shard, whose
/// connection answers or refuses it as the library does. Where that would be a wrong answer, the makers here refuse.
/// </remarks>
internal readonly struct CommandKeys
{
    private readonly RedisKey _first;
    private readonly RedisKey _second;
    private readonly RedisKey _third;
    private readonly int _single;
    private readonly ReadOnlyMemory<RedisKey> _list;
    private readonly StreamPosition[]? _positions;
    private readonly KeyValuePair<RedisKey, RedisValue>[]? _pairs;

    private CommandKeys(string command, int single, RedisKey first, RedisKey second = default, RedisKey third = default)
    {
        Command = command;
        _single = single;
        _first = first;
        _second = second;
        _third = third;
        Count = single;
    }

    private CommandKeys(in CommandKeys single, ReadOnlyMemory<RedisKey> list)
    {
        this = single;
        _list = list;
        Count = _single + list.Length;
    }

    private CommandKeys(string command, StreamPosition[] positions)
    {
        Command = command;
        _positions = positions;
        Count = positions.Length;
    }

    private CommandKeys(string command, KeyValuePair<RedisKey, RedisValue>[] pairs)
    {
        Command = command;
        _pairs = pairs;
        Count = pairs.Length;
    }

    /// <summary>The command's name, for messages.</summary>
    public string Command { get; }

    /// <summary>How many keys there are; at least one.</summary>
    public int Count { get; }

    public RedisKey this[int index] =>
        index < _single ? index switch { 0 => _first, 1 => _second, _ => _third }
        : _positions is not null ? _positions[index].Key
        : _pairs is not null ? _pairs[index].Key
        : _list.Span[index - _single];

    /// <summary>Requires that no key is null, as routing does.</summary>
    /// <exception cref="ArgumentException">One is.</exception>
    public void RequireAll()
    {
        for (var i = 0; i < Count; i++)
        {
            RedisKeyBytes.RequireKey(this[i]);
        }
    }

    public static CommandKeys Of(string command, RedisKey first, RedisKey second) => new(command, 2, first, second);

    public static CommandKeys Of(string command, RedisKey first, RedisKey second, RedisKey third) => new(command, 3, first, second, third);

    /// <summary>Two keys and one that may be left out.</summary>
    public static CommandKeys OfTwoOrThree(string command, RedisKey first, RedisKey second, RedisKey third) =>
        RedisKeyBytes.TryGet(third, out var bytes) && bytes is null ? Of(command, first, second) : Of(command, first, second, third);

    public static CommandKeys Of(string command, RedisKey first, RedisKey[]? keys) => new(new CommandKeys(command, 1, first), keys);

    public static CommandKeys Of(string command, RedisKey[]? keys) => keys is { Length: > 0 } ? new(new CommandKeys(command, 0, default), keys) : None(command);

    public static CommandKeys Of(string command, StreamPosition[]? positions) => positions is { Length: > 0 } ? new(command, positions) : None(command);

    public static CommandKeys Of(string command, KeyValuePair<RedisKey, RedisValue>[]? pairs) => pairs is { Length: > 0 } ? new(command, pairs) : None(command);

    /// <summary>The keys of a script.</summary>
    /// <exception cref="NotSupportedException">It names none.</exception>
    public static CommandKeys OfScript(string command, ReadOnlyMemory<RedisKey> keys) => keys.Length > 0
        ? new(new CommandKeys(command, 0, default), keys)
        : throw new NotSupportedException($"{command} is given no key, and a ring finds the shard by the keys: name every key that the script touches in its keys. To run it on a shard of your choice, use the Database of the route that ConnectAsync gives.");

    /// <summary>The arguments of an ad-hoc command that are keys: those of the type <see cref="RedisKey"/>.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static CommandKeys OfArguments(string command, ICollection<object>? arguments) =>
        OfFound(command, arguments is null ? [] : [.. arguments.OfType<RedisKey>()]);

    /// <summary>The arguments of an ad-hoc command that are keys.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static CommandKeys OfArguments(string command, ReadOnlyMemory<RedisKeyOrValue> arguments)
    {
        var keys = new List<RedisKey>();
        foreach (var argument in arguments.Span)
        {
            if (argument.IsKey)
            {
                keys.Add(argument.Key);
            }
        }

        return OfFound(command, keys.ToArray());
    }

    private static CommandKeys OfFound(string command, RedisKey[] keys) => keys.Length > 0
        ? Of(command, keys)
        : throw new NotSupportedException($"{command} is given no argument that is a RedisKey, and a ring finds the shard by the keys: write (RedisKey)\"name\" for each argument that is a key. To send it to a shard of your choice, use the Database of the route that ConnectAsync gives.");

    private static CommandKeys None(string command) => new(command, 1, "");
}
