using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RingKeeper.Tests.Shards;

/// <summary>Opens multiplexers that speak to nothing, and records what becomes of them.</summary>
internal sealed class FakeRedis
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();
    private readonly ConcurrentDictionary<string, Exception> _failures = new();

    /// <summary>What a server answers to a script, the question for its run; null: nothing.</summary>
    public Func<string, Task<RedisResult>>? Script { get; set; }

    public ConcurrentQueue<FakeMultiplexer> Opened { get; } = [];

    public FakeMultiplexer Last(string addr) => Opened.Last(multiplexer => multiplexer.Addr == addr);

    /// <summary>Lets connections to this address stay half open until released.</summary>
    public TaskCompletionSource Hold(string addr) => _held[addr] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Fail(string addr, Exception exception) => _failures[addr] = exception;

    public void Heal(string addr) => _failures.TryRemove(addr, out _);

    public async Task<IConnectionMultiplexer> OpenAsync(string addr, Action beforeConnect)
    {
        if (_held.TryGetValue(addr, out var held))
        {
            await held.Task;
        }

        if (_failures.TryGetValue(addr, out var exception))
        {
            throw exception;
        }

        var multiplexer = DispatchProxy.Create<IConnectionMultiplexer, FakeMultiplexer>();
        var fake = (FakeMultiplexer)(object)multiplexer;
        fake.Addr = addr;
        fake.BeforeConnect = beforeConnect;
        ((FakeDatabase)(object)fake.Database).Script = () => Script?.Invoke(addr);
        beforeConnect();
        ((FakeDatabase)(object)fake.Database).Multiplexer = multiplexer;
        Opened.Enqueue(fake);
        return multiplexer;
    }
}

/// <summary>A multiplexer with a database, a settable number of outstanding operations, and an end.</summary>
public class FakeMultiplexer : DispatchProxy
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _outstanding;

    private EventHandler<ConnectionFailedEventArgs>? _restored;
    private EventHandler<ConnectionFailedEventArgs>? _failed;

    public string Addr { get; set; } = "";

    /// <summary>Whether an operation waits for the connection to be restored; the connection itself always does.</summary>
    public bool IsWatched => _restored?.GetInvocationList().Length > 2;

    /// <summary>To be called before a socket is connected.</summary>
    public Action BeforeConnect { get; set; } = static () => { };

    public IDatabase Database { get; } = DispatchProxy.Create<IDatabase, FakeDatabase>();

    /// <summary>The same as a fake: what it is subscribed to.</summary>
    public FakeSubscriber Subscriber { get; } = (FakeSubscriber)(object)DispatchProxy.Create<ISubscriber, FakeSubscriber>();

    public Task Closed => _closed.Task;

    public int Outstanding
    {
        get => Volatile.Read(ref _outstanding);
        set => Volatile.Write(ref _outstanding, value);
    }

    public bool IsConnected { get; set; } = true;

    /// <summary>Says that the connection is restored.</summary>
    public void Restore()
    {
        IsConnected = true;
        _restored?.Invoke(this, Change(ConnectionFailureType.None));
    }

    /// <summary>Says that the connection is broken, or could not be restored.</summary>
    public void Break(ConnectionFailureType kind)
    {
        IsConnected = false;
        _failed?.Invoke(this, Change(kind));
    }

    /// <summary>Says that the connection that is listened on is lost.</summary>
    public void LoseListening(object sender) =>
        _failed?.Invoke(sender, new ConnectionFailedEventArgs(sender, new System.Net.DnsEndPoint("localhost", 1), ConnectionType.Subscription, ConnectionFailureType.SocketClosed, new TimeoutException(), Addr));

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(IConnectionMultiplexer.GetSubscriber):
                return Subscriber;
            case "add_ConnectionFailed":
                _failed += (EventHandler<ConnectionFailedEventArgs>)args![0]!;
                return null;
            case "remove_ConnectionFailed":
                _failed -= (EventHandler<ConnectionFailedEventArgs>)args![0]!;
                return null;
            case nameof(IConnectionMultiplexer.GetDatabase):
                return Database;
            case "add_ConfigurationChanged":
                return null;
            case nameof(IConnectionMultiplexer.GetCounters):
                var counters = new ServerCounters(null);
                PendingOf(counters.Interactive) = Outstanding;
                return counters;
            case "add_ConnectionRestored":
                _restored += (EventHandler<ConnectionFailedEventArgs>)args![0]!;
                return null;
            case "get_IsConnected":
                return IsConnected;
            case "remove_ConnectionRestored":
                _restored -= (EventHandler<ConnectionFailedEventArgs>)args![0]!;
                return null;
            case nameof(Equals):
                return ReferenceEquals(this, args![0]);
            case nameof(GetHashCode):
                return RuntimeHelpers.GetHashCode(this);
            case nameof(IConnectionMultiplexer.CloseAsync):
                return Task.CompletedTask;
            case nameof(IAsyncDisposable.DisposeAsync):
                _closed.TrySetResult();
                return ValueTask.CompletedTask;
            default:
                throw new NotSupportedException(targetMethod.Name);
        }
    }

    private ConnectionFailedEventArgs Change(ConnectionFailureType kind) =>
        new(this, new System.Net.DnsEndPoint("localhost", 1), ConnectionType.Interactive, kind, new TimeoutException(), Addr);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<PendingUnsentItems>k__BackingField")]
    private static extern ref int PendingOf(ConnectionCounters counters);
}

/// <summary>A database that answers every call with a default and, if asked to, notes it.</summary>
public class FakeDatabase : DispatchProxy
{
    private readonly ConcurrentDictionary<MethodInfo, object?> _results = new();

    public IConnectionMultiplexer? Multiplexer { get; set; }

    /// <summary>What a script answers; null, or a null answer: the default.</summary>
    public Func<Task<RedisResult>?>? Script { get; set; }

    /// <summary>What was called since noting began; null: nothing is noted.</summary>
    public ConcurrentQueue<(MethodInfo Method, object?[] Arguments)>? Calls { get; set; }

    /// <summary>What a call of this method answers: always the same object.</summary>
    public object? ResultOf(MethodInfo method) => _results.GetOrAdd(method, static m => DefaultOf(m.ReturnType));

    /// <summary>How many hear what is published; null: a default.</summary>
    public long? Hearers { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(IDatabase.Publish) when Hearers is { } hearers:
                Calls?.Enqueue((targetMethod, args!));
                return hearers;
            case nameof(IDatabase.PublishAsync) when Hearers is { } hearers:
                Calls?.Enqueue((targetMethod, args!));
                return Task.FromResult(hearers);
            case nameof(Equals):
                return ReferenceEquals(this, args![0]);
            case nameof(GetHashCode):
                return RuntimeHelpers.GetHashCode(this);
            case "get_Multiplexer" when Multiplexer is not null:
                return Multiplexer;
            case nameof(IDatabase.CreateBatch):
                var batch = Create<IBatch, FakeDatabase>();
                ((FakeDatabase)(object)batch).Calls = Calls;
                return batch;
            default:
                Calls?.Enqueue((targetMethod, args!));
                if (targetMethod.Name == nameof(IDatabase.ScriptEvaluateAsync) && args is [string, ..] && Script?.Invoke() is { } answer)
                {
                    return answer;
                }

                return ResultOf(targetMethod);
        }
    }

    private static object? DefaultOf(Type type)
    {
        if (type == typeof(Task))
        {
            return Task.CompletedTask;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))
        {
            return typeof(Task).GetMethod(nameof(Task.FromResult))!.MakeGenericMethod(type.GetGenericArguments()).Invoke(null, [DefaultOf(type.GetGenericArguments()[0])]);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))
        {
            return typeof(AsyncEnumerable).GetMethod(nameof(AsyncEnumerable.Empty))!.MakeGenericMethod(type.GetGenericArguments()).Invoke(null, []);
        }

        return type.IsValueType && type != typeof(void) ? Activator.CreateInstance(type) : null;
    }
}
