using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// Tells of the commands that the routing databases send, each as a span and a duration from the call to its answer, waiting for a route included. They go this
/// way only while <see cref="IsOn"/>: it costs closures. No key, value or channel is told.
/// </summary>
internal static class CommandTelemetry
{
    private const int MostLetters = 32;

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn => CommandSpan.IsHeard;

    /// <summary>Names a command that a caller chose: as servers spell it; <c>EXECUTE</c> where it is no word that may be a command.</summary>
    /// <param name="command">What the caller wrote.</param>
    public static string NameOf(string command) =>
        command is { Length: > 0 and <= MostLetters } && command.All(static c => char.IsAsciiLetter(c) || c is '.' or '_') ? command.ToUpperInvariant() : "EXECUTE";

    /// <summary>Tells of a command to one shard. What the call itself throws on a route that is ready, it throws here, not by its task.</summary>
    /// <param name="operation">The Redis command.</param>
    /// <param name="routing">The search for the route, begun already.</param>
    /// <param name="call">Sends the command.</param>
    /// <param name="size">How many commands go at once: of a batch or transaction (default: 1).</param>
    public static Task<T> TellAsync<T>(string operation, ValueTask<ShardRoute> routing, Func<IDatabase, Task<T>> call, int size = 1)
    {
        var span = CommandSpan.Begin(operation, size);
        return routing.IsCompletedSuccessfully ? SentAsync(span, routing.Result, Run(span, routing.Result, call)) : RouteAsync(span, routing, call);
    }

    /// <inheritdoc cref="TellAsync{T}(string, ValueTask{ShardRoute}, Func{IDatabase, Task{T}}, int)"/>
    public static Task TellAsync(string operation, ValueTask<ShardRoute> routing, Func<IDatabase, Task> call, int size = 1)
    {
        var span = CommandSpan.Begin(operation, size);
        return routing.IsCompletedSuccessfully ? SentAsync(span, routing.Result, Run(span, routing.Result, call)) : RouteAsync(span, routing, call);
    }

    /// <summary>Tells of a synchronous command to one shard.</summary>
    /// <param name="operation">The Redis command.</param>
    /// <param name="route">Finds the route, or throws.</param>
    /// <param name="call">Sends the command.</param>
    /// <param name="size">How many commands go at once: of a batch or transaction (default: 1).</param>
    public static T Tell<T>(string operation, Func<ShardRoute> route, Func<IDatabase, T> call, int size = 1)
    {
        var span = CommandSpan.Begin(operation, size);
        ShardRoute found;
        try
        {
            found = route();
        }
        catch (Exception exception)
        {
            span.End(null, exception);
            throw;
        }

        var result = Run(span, found, call);
        span.End(found, null);
        return result;
    }

    /// <inheritdoc cref="Tell{T}(string, Func{ShardRoute}, Func{IDatabase, T}, int)"/>
    public static void Tell(string operation, Func<ShardRoute> route, Action<IDatabase> call, int size = 1) =>
        Tell(operation, route, shard => Nothing(call, shard), size);

    /// <summary>Tells of a command that is split among shards, as one: its parts have no spans of their own.</summary>
    /// <param name="operation">The Redis command.</param>
    /// <param name="size">How many commands it is split into.</param>
    /// <param name="call">Finds the routes, sends the parts and merges their results.</param>
    public static Task<T> TellSplitAsync<T>(string operation, int size, Func<Task<T>> call)
    {
        var span = CommandSpan.Begin(operation, size);
        return OverAsync(span, null, Run(span, null, call, static call => call()));
    }

    /// <inheritdoc cref="TellSplitAsync{T}(string, int, Func{Task{T}})"/>
    public static Task TellSplitAsync(string operation, int size, Func<Task> call)
    {
        var span = CommandSpan.Begin(operation, size);
        return OverAsync(span, null, Run(span, null, call, static call => call()));
    }

    /// <summary>Tells of a synchronous command that is split among shards, as one.</summary>
    /// <param name="operation">The Redis command.</param>
    /// <param name="size">How many commands it is split into.</param>
    /// <param name="call">Finds the routes, sends the parts and merges their results.</param>
    public static T TellSplit<T>(string operation, int size, Func<T> call)
    {
        var span = CommandSpan.Begin(operation, size);
        var result = Run(span, null, call, static call => call());
        span.End(null, null);
        return result;
    }

    private static bool Nothing(Action<IDatabase> call, IDatabase shard)
    {
        call(shard);
        return true;
    }

    private static async Task<T> RouteAsync<T>(CommandSpan span, ValueTask<ShardRoute> routing, Func<IDatabase, Task<T>> call)
    {
        var route = await RoutedAsync(span, routing).ConfigureAwait(false);
        return await OverAsync(span, route, Run(span, route, call)).ConfigureAwait(false);
    }

    private static async Task RouteAsync(CommandSpan span, ValueTask<ShardRoute> routing, Func<IDatabase, Task> call)
    {
        var route = await RoutedAsync(span, routing).ConfigureAwait(false);
        await OverAsync(span, route, Run(span, route, call)).ConfigureAwait(false);
    }

    private static async ValueTask<ShardRoute> RoutedAsync(CommandSpan span, ValueTask<ShardRoute> routing)
    {
        try
        {
            return await routing.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            span.End(null, exception);
            throw;
        }
    }

    private static T Run<T>(in CommandSpan span, ShardRoute route, Func<IDatabase, T> call) => Run(span, route, (call, route.Database), static sent => sent.call(sent.Database));

    private static TResult Run<TState, TResult>(in CommandSpan span, ShardRoute? route, TState state, Func<TState, TResult> call)
    {
        var outer = span.Enter();
        try
        {
            return call(state);
        }
        catch (Exception exception)
        {
            span.End(route, exception);
            throw;
        }
        finally
        {
            span.Leave(outer);
        }
    }

    // What a database was given as its state, its tasks bear, whoever listens.
    private static Task<T> SentAsync<T>(CommandSpan span, ShardRoute route, Task<T> sent)
    {
        var over = OverAsync(span, route, sent);
        if (sent.AsyncState is not { } state)
        {
            return over;
        }

        var source = new TaskCompletionSource<T>(state, TaskCreationOptions.RunContinuationsAsynchronously);
        _ = over.ContinueWith(static (ended, source) => ((TaskCompletionSource<T>)source!).SetFromTask(ended), source, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return source.Task;
    }

    private static Task SentAsync(CommandSpan span, ShardRoute route, Task sent)
    {
        var over = OverAsync(span, route, sent);
        if (sent.AsyncState is not { } state)
        {
            return over;
        }

        var source = new TaskCompletionSource(state, TaskCreationOptions.RunContinuationsAsynchronously);
        _ = over.ContinueWith(static (ended, source) => ((TaskCompletionSource)source!).SetFromTask(ended), source, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return source.Task;
    }

    private static async Task<T> OverAsync<T>(CommandSpan span, ShardRoute? route, Task<T> sent)
    {
        await OverAsync(span, route, (Task)sent).ConfigureAwait(false);
        return await sent.ConfigureAwait(false);
    }

    private static async Task OverAsync(CommandSpan span, ShardRoute? route, Task sent)
    {
        try
        {
            await sent.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            span.End(route, exception);
            throw;
        }

        span.End(route, null);
    }
}
