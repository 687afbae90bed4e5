using System.Net;
using System.Reflection;
using RingKeeper.CommandGenerator;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Tests.Commands;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Commands;

/// <summary>The names of commands for telemetry, held to what the library sends to a real server.</summary>
public sealed class CommandNamesTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact, Trait("Speed", "Slow")]
    public async Task Every_method_sends_the_command_that_it_is_named_by()
    {
        var methods = CommandMethod.OfDatabase().Where(static method => !CommandNames.IsSilent(method)).ToList();
        await using var redis = await RedisServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var recorder = new CommandRecorder(redis.Port);
        var options = ConfigurationOptions.Parse($"127.0.0.1:{recorder.Port},allowAdmin=true,keepAlive=600,configCheckSeconds=600");
        options.HeartbeatInterval = TimeSpan.FromMinutes(5);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
        var db = multiplexer.GetDatabase();
        var wrong = new List<string>();
        foreach (var method in methods)
        {
            await db.StringSetAsync("lock", "me");
            if (method.Command.StartsWith("Script", StringComparison.Ordinal))
            {
                // The first time, a script is sent whole.
                await Record.ExceptionAsync(() => CallAsync(db, method));
            }

            recorder.Take();
            var failure = await Record.ExceptionAsync(() => CallAsync(db, method));
            var sent = recorder.Take();
            if (!sent.Contains(CommandNames.Of(method)) && !(CommandNames.Of(method) == CommandNames.CallersOwn && sent.Contains("TEXT1")))
            {
                wrong.Add($"{method}: not {CommandNames.Of(method)} but '{string.Join(' ', sent)}' {failure?.Message}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
        Assert.True(methods.Count > 600, $"Only {methods.Count} methods were called.");
    }

    private static async Task CallAsync(IDatabase db, CommandMethod method)
    {
        var info = method.Info.IsGenericMethodDefinition ? method.Info.MakeGenericMethod(typeof(int)) : method.Info;
        var arguments = SampleArguments.For(info, static nth => $"k{nth}");
        var parameters = info.GetParameters();
        for (var i = 0; i < parameters.Length; i++)
        {
            arguments[i] = Argument(method.Command, parameters[i], arguments[i]);
        }

        switch (info.Invoke(db, BindingFlags.DoNotWrapExceptions, null, arguments, null))
        {
            case Task task:
                await task.WaitAsync(Soon);
                break;
            case IEnumerable<RedisValue> values and not Array:
                _ = values.Count();
                break;
            case IEnumerable<HashEntry> entries and not Array:
                _ = entries.Count();
                break;
            case IEnumerable<SortedSetEntry> entries and not Array:
                _ = entries.Count();
                break;
            case IAsyncEnumerable<RedisValue> values:
                await values.CountAsync();
                break;
            case IAsyncEnumerable<HashEntry> entries:
                await entries.CountAsync();
                break;
            case IAsyncEnumerable<SortedSetEntry> entries:
                await entries.CountAsync();
                break;
        }
    }

    // The usual call: what has a default keeps it, and what the library checks by itself is given what it takes.
    private static object? Argument(string command, ParameterInfo parameter, object? sample) => parameter.Name switch
    {
        "value" when command.StartsWith("Lock", StringComparison.Ordinal) => (RedisValue)"me",
        "key" when command.StartsWith("Lock", StringComparison.Ordinal) => (RedisKey)"lock",
        "hash" => new byte[20],
        "key" when command == "IdentifyEndpoint" => sample,
        "script" when parameter.ParameterType == typeof(string) => "return 1",
        "parameters" => sample,
        "expiry" when command == "StringSet" && parameter.ParameterType == typeof(TimeSpan?) => null,
        "operation" when command == "ArrayOperation" => ArrayOperation.Sum,
        "operand" => RedisValue.Null,
        "persist" or "keepTtl" => false,
        "take" => null,
        "sortedSetOrder" => SortedSetOrder.ByRank,
        "start" or "min" when command == "SortedSetLength" => double.NegativeInfinity,
        "max" when command == "SortedSetLength" => double.PositiveInfinity,
        "value" when parameter.ParameterType == typeof(long) || parameter.ParameterType == typeof(double) => sample,
        _ when parameter.HasDefaultValue && Nullable.GetUnderlyingType(parameter.ParameterType) != typeof(DateTime) =>
            parameter.DefaultValue is { } value ? (parameter.ParameterType.IsEnum ? Enum.ToObject(parameter.ParameterType, value) : value)
            : parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null,
        _ => ByType(parameter.ParameterType, sample),
    };

    private static object? ByType(Type type, object? sample) => type switch
    {
        _ when type.IsEnum => Enum.GetValues(type).GetValue(0),
        _ when type == typeof(EndPoint) => new IPEndPoint(IPAddress.Loopback, 1),
        _ when type == typeof(HashEntry[]) => new HashEntry[] { new("f", 1) },
        _ when type == typeof(NameValueEntry[]) => new NameValueEntry[] { new("f", 1) },
        _ when type == typeof(SortedSetEntry[]) => new SortedSetEntry[] { new("m", 1) },
        _ when type == typeof(GeoEntry) => new GeoEntry(1, 2, "m"),
        _ when type == typeof(GeoEntry[]) => new GeoEntry[] { new(1, 2, "m") },
        _ when type == typeof(RedisArrayEntry[]) => new RedisArrayEntry[] { new(new RedisArrayIndex(1), 1) },
        _ when type == typeof(BitFieldOperation) => BitFieldOperation.Set(BitFieldEncoding.Unsigned(8), default(BitFieldOffset), 1),
        _ when type == typeof(ReadOnlyMemory<BitFieldOperation>) => new ReadOnlyMemory<BitFieldOperation>([BitFieldOperation.Set(BitFieldEncoding.Unsigned(8), default(BitFieldOffset), 1)]),
        _ when type == typeof(StreamConfiguration) => new StreamConfiguration { IdmpMaxSize = 10 },
        _ when type == typeof(HashImport) => HashImport.Create(["f"]),
        _ when type == typeof(VectorSetAddRequest) => VectorSetAddRequest.Member("m", new float[] { 1 }),
        _ when type == typeof(VectorSetSimilaritySearchRequest) => VectorSetSimilaritySearchRequest.ByMember("m"),
        _ when type == typeof(ArrayGrepRequest) => Grep(),
        _ => sample,
    };

    private static ArrayGrepRequest Grep()
    {
        var request = new ArrayGrepRequest();
        request.AddPredicate(ArrayGrepRequest.Predicate.Exact("v"));
        return request;
    }
}
