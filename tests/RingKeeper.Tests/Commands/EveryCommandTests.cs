using System.Collections;
using System.Reflection;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Commands;

/// <summary>Calls every member of the library's database interfaces; what becomes of each is told here again, apart from the generator's rules.</summary>
public sealed class EveryCommandTests
{
    private static readonly string[] Refused = ["KeyRandom", "KeyRandomAsync"];
    private static readonly string[] Keyless = ["Wait", "WaitAll", "TryWait", "get_Database"];
    private static readonly string[] Faces = ["get_Multiplexer", "CreateBatch", "CreateTransaction"];
    private static readonly string[] OnAll = ["Ping", "PingAsync"];
    private static readonly string[] Split = ["KeyDelete", "KeyExists", "KeyTouch", "StringGet", "StringSet", "SetCombine", "StreamRead", "StreamReadGroup"];

    private static MethodInfo[] All => [.. typeof(IDatabase).GetInterfaces().Append(typeof(IDatabase)).SelectMany(type => type.GetMethods())
        .Select(method => method.IsGenericMethodDefinition ? method.MakeGenericMethod(typeof(int)) : method)];

    private static IEnumerable<MethodInfo> Routed => All.Where(method => !Refused.Contains(method.Name) && !Keyless.Contains(method.Name) && !Faces.Contains(method.Name) && !OnAll.Contains(method.Name));

    [Fact]
    public async Task Every_command_reaches_the_shard_of_its_keys_once_with_the_same_arguments_or_is_refused()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        int refused = 0, keyless = 0, routed = 0, faces = 0, onAll = 0;
        foreach (var shard in new[] { RoutedFixture.A, RoutedFixture.B })
        {
            foreach (var method in All)
            {
                var arguments = SampleArguments.For(method, nth => RoutedFixture.KeyOf(shard, nth));
                if (Refused.Contains(method.Name))
                {
                    Assert.IsType<NotSupportedException>(Record.Exception(() => Call(ring.Database, method, arguments)));
                    refused++;
                    continue;
                }

                var result = Call(ring.Database, method, arguments);
                await EnumerateAsync(result);
                if (Faces.Contains(method.Name))
                {
                    Assert.Same(typeof(ZKCluster).Assembly, result!.GetType().Assembly);
                    faces++;
                    continue;
                }

                if (OnAll.Contains(method.Name))
                {
                    Assert.All([RoutedFixture.A, RoutedFixture.B], one => Assert.True(ring.Calls(one).TryDequeue(out var call) && call.Method == method));
                    onAll++;
                    continue;
                }

                var target = Keyless.Contains(method.Name) ? RoutedFixture.A : shard;
                AssertReached(ring, target, method, arguments, result);
                _ = target == shard ? routed++ : keyless++;
            }
        }

        Assert.Equal((654, 4, 6, 8, 4, 2 * 654 - 4 - 6 - 8 - 4), (All.Length, refused, keyless, faces, onAll, routed));
    }

    [Fact]
    public async Task Every_command_with_keys_on_two_shards_is_split_among_them_or_refused_and_reaches_none()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        int crossing = 0, split = 0;
        foreach (var method in Routed)
        {
            var arguments = SampleArguments.For(method, nth => RoutedFixture.KeyOf(nth % 2 == 0 ? RoutedFixture.A : RoutedFixture.B, nth), out var keys);
            if (keys > 1 && MaySplit(method, arguments))
            {
                Assert.Null(await FailureOfAsync(ring.Database, method, arguments));
                Assert.All([RoutedFixture.A, RoutedFixture.B], one => Assert.True(ring.Calls(one).TryDequeue(out var call) && call.Method == method, $"{method} did not reach {one}."));
                split++;
            }
            else if (keys > 1)
            {
                Assert.IsType<CrossShardException>(await FailureOfAsync(ring.Database, method, arguments));
                crossing++;
            }
        }

        Assert.Equal((96, 14), (crossing, split));
        Assert.Empty(ring.Calls(RoutedFixture.A));
        Assert.Empty(ring.Calls(RoutedFixture.B));
    }

    [Fact]
    public async Task Every_command_of_a_dead_shard_goes_to_the_next_one_but_for_locks_and_owner_only()
    {
        await using var ring = await RoutedFixture.StartAsync(true, new(":1", false, 1), new(":2", true, 1));
        int moved = 0, stayed = 0;
        foreach (var method in Routed)
        {
            var arguments = SampleArguments.For(method, nth => RoutedFixture.KeyOf(RoutedFixture.A, nth));
            if (method.Name.StartsWith("Lock", StringComparison.Ordinal))
            {
                Assert.IsType<NoShardAvailableException>(await FailureOfAsync(ring.Database, method, arguments));
                stayed++;
            }
            else
            {
                var result = Call(ring.Database, method, arguments);
                await EnumerateAsync(result);
                AssertReached(ring, RoutedFixture.B, method, arguments, result);
                moved++;
            }

            if (method.Name == nameof(IDatabaseAsync.IsConnected))
            {
                Assert.Equal(false, Call(ring.OwnerOnly, method, arguments));
            }
            else
            {
                Assert.IsType<NoShardAvailableException>(await FailureOfAsync(ring.OwnerOnly, method, arguments));
            }
        }

        Assert.Equal((632, 8), (moved, stayed));
        Assert.Empty(ring.Calls(RoutedFixture.A));
        Assert.Empty(ring.Calls(RoutedFixture.B));
    }

    [Fact]
    public async Task While_a_shard_is_not_ready_synchronous_commands_fail_at_once_and_asynchronous_ones_wait_for_it()
    {
        await using var ring = await RoutedFixture.StartAsync();
        var waiting = new List<(MethodInfo Method, object?[] Arguments, Task Task)>();
        foreach (var method in Routed)
        {
            var arguments = SampleArguments.For(method, nth => RoutedFixture.KeyOf(RoutedFixture.A, nth));
            if (typeof(Task).IsAssignableFrom(method.ReturnType))
            {
                waiting.Add((method, arguments, (Task)Call(ring.Database, method, arguments)!));
            }
            else if (IsAsyncEnumerable(method.ReturnType))
            {
                waiting.Add((method, arguments, EnumerateAsync(Call(ring.Database, method, arguments))));
            }
            else if (method.Name == nameof(IDatabaseAsync.IsConnected))
            {
                Assert.Equal(false, Call(ring.Database, method, arguments));
            }
            else
            {
                Assert.IsType<ShardNotReadyException>(Record.Exception(() => Call(ring.Database, method, arguments)));
            }
        }

        Assert.Equal(318, waiting.Count);
        Assert.All(waiting, wait => Assert.False(wait.Task.IsCompleted, wait.Method.ToString()));
        Assert.Empty(ring.Calls(RoutedFixture.A));

        await ring.SayAsync(RoutedFixture.AllAlive);

        await Task.WhenAll(waiting.Select(wait => wait.Task)).WaitAsync(RoutedFixture.Soon);
        Assert.Equal(318, ring.Calls(RoutedFixture.A).Count);
        foreach (var (method, arguments, _) in waiting.Where(wait => !IsPreparedScript(wait.Method)))
        {
            Assert.Single(ring.Calls(RoutedFixture.A), call => call.Method == method && call.Arguments.SequenceEqual(arguments));
        }
    }

    [Fact]
    public async Task Every_command_after_disposal_says_that_the_connector_is_disposed()
    {
        var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        await ring.DisposeAsync();

        foreach (var method in All.Where(method => !Refused.Contains(method.Name) && !Faces.Contains(method.Name) && method.Name != nameof(IDatabaseAsync.IsConnected)))
        {
            var arguments = SampleArguments.For(method, nth => RoutedFixture.KeyOf(RoutedFixture.A, nth));
            Assert.IsType<ObjectDisposedException>(await FailureOfAsync(ring.Database, method, arguments));
        }
    }

    private static bool MaySplit(MethodInfo method, object?[] arguments)
    {
        var name = method.Name.EndsWith("Async", StringComparison.Ordinal) ? method.Name[..^5] : method.Name;
        return Split.Contains(name)
            && arguments.Any(argument => argument is RedisKey[] or StreamPosition[] or KeyValuePair<RedisKey, RedisValue>[])
            && !arguments.Any(argument => argument is SetOperation.Difference or When.Exists or When.NotExists)
            && !method.GetParameters().Zip(arguments).Any(pair => (pair.First.Name is "maxCount" or "maxSize" && pair.Second is not null) || (pair.First.Name == "noAck" && pair.Second is true));
    }

    private static void AssertReached(RoutedFixture ring, Shard shard, MethodInfo method, object?[] arguments, object? result)
    {
        Assert.True(ring.Calls(shard).TryDequeue(out var call), $"{method} did not reach {shard}.");
        Assert.Empty(ring.Calls(shard));
        Assert.Empty(ring.Calls(RoutedFixture.Other(shard)));
        if (IsPreparedScript(method))
        {
            Assert.Equal(method.Name, call.Method.Name);
            Assert.Equal(2, Assert.IsType<RedisKey[]>(call.Arguments[1]).Length);
        }
        else
        {
            Assert.Equal(method, call.Method);
            Assert.Equal(arguments, call.Arguments);
        }

        if (!IsAsyncEnumerable(method.ReturnType))
        {
            var answer = ring.Redis(shard).ResultOf(call.Method);
            Assert.True(ReferenceEquals(answer, result) || (method.ReturnType.IsValueType && Equals(answer, result)), $"{method} answers {result}, its shard {answer}.");
        }
    }

    private static object? Call(IDatabase database, MethodInfo method, object?[] arguments) =>
        method.Invoke(database, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    // Thrown by the call itself, by its task, or by the enumeration.
    private static async Task<Exception?> FailureOfAsync(IDatabase database, MethodInfo method, object?[] arguments) => await Record.ExceptionAsync(async () =>
    {
        var result = Call(database, method, arguments);
        await EnumerateAsync(result);
        if (result is Task task)
        {
            await task.WaitAsync(RoutedFixture.Soon);
        }
    });

    private static bool IsAsyncEnumerable(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    private static bool IsPreparedScript(MethodInfo method) => method.GetParameters() is [{ ParameterType: var first }, ..] && (first == typeof(LuaScript) || first == typeof(LoadedLuaScript));

    private static Task EnumerateAsync(object? result) => result switch
    {
        IAsyncEnumerable<RedisValue> values => values.CountAsync().AsTask(),
        IAsyncEnumerable<HashEntry> entries => entries.CountAsync().AsTask(),
        IAsyncEnumerable<SortedSetEntry> entries => entries.CountAsync().AsTask(),
        _ => Task.CompletedTask,
    };
}
