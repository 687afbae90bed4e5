using System.Reflection;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>A multiplexer without a server: a route needs no more of it than its database, and of that only that it is there.</summary>
public class Unconnected : DispatchProxy
{
    private readonly IDatabase _database = Create<IDatabase, NoDatabase>();

    /// <summary>A host that routes by this view.</summary>
    internal static async Task<ViewHost> HostAsync(ClusterView view)
    {
        var host = new ViewHost(new ClusterOptions(), open: static (_, _) => Task.FromResult(Create<IConnectionMultiplexer, Unconnected>()));
        await host.ApplyAsync(view, CancellationToken.None);
        return host;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(IConnectionMultiplexer.GetDatabase) => _database,
        nameof(IConnectionMultiplexer.GetCounters) => new ServerCounters(null),
        "add_ConnectionRestored" => null,
        nameof(IAsyncDisposable.DisposeAsync) => ValueTask.CompletedTask,
        _ => throw new NotSupportedException(targetMethod.Name),
    };

    /// <summary>Takes no command.</summary>
    public class NoDatabase : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new NotSupportedException(targetMethod!.Name);
    }
}
