using System.Globalization;
using System.Runtime.ExceptionServices;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Commands with many keys, split by shard and sent side by side.</summary>
internal sealed partial class RoutedDatabase
{
    /// <summary>Where the <see cref="Exception.Data"/> of an error say what became of the other parts of a split command.</summary>
    internal const string PartsKey = "RingKeeper.Parts";

    internal static async Task<T> MergeAsync<TKey, T>(KeyParts parts, TKey[] list, Func<KeyPart, TKey[], Task<T>> call, Func<IReadOnlyList<T>, KeyParts?, T> merge)
    {
        if (parts.Parts.Count == 1)
        {
            return await call(parts.Parts[0], list).ConfigureAwait(false);
        }

        var tasks = parts.Parts.Select(part => BeginAsync(part, list, call)).ToArray();
        try
        {
            return merge(await Task.WhenAll(tasks).ConfigureAwait(false), parts);
        }
        catch (Exception exception)
        {
            Describe(exception, parts, [.. tasks.Select(static task => task.Exception?.InnerException)]);
            throw;
        }
    }

    private Task<T> SplitAsync<TKey, T>(string command, CommandKeys keys, TKey[] list, bool maySplit, Func<IDatabase, TKey[], Task<T>> call, Func<IReadOnlyList<T>, KeyParts?, T> merge) =>
        CommandTelemetry.IsOn
            ? CommandTelemetry.TellSplitAsync(command, SizeOf(keys), () => SplitAsync(keys, list, maySplit, call, merge))
            : SplitAsync(keys, list, maySplit, call, merge);

    private T Split<TKey, T>(string command, CommandKeys keys, TKey[] list, bool maySplit, Func<IDatabase, TKey[], T> call, Func<IReadOnlyList<T>, KeyParts?, T> merge) =>
        CommandTelemetry.IsOn
            ? CommandTelemetry.TellSplit(command, SizeOf(keys), () => Split(keys, list, maySplit, call, merge))
            : Split(keys, list, maySplit, call, merge);

    private Task<T> SplitAsync<TKey, T>(CommandKeys keys, TKey[] list, bool maySplit, Func<IDatabase, TKey[], Task<T>> call, Func<IReadOnlyList<T>, KeyParts?, T> merge)
    {
        if (!maySplit)
        {
            var routing = Route(keys);
            return routing.IsCompletedSuccessfully ? call(routing.Result.Database, list) : WhenRoutedAsync(routing, shard => call(shard, list));
        }

        var dividing = routes.PartitionAsync(keys, policy);
        if (!dividing.IsCompletedSuccessfully)
        {
            return WhenDividedAsync(dividing);
        }

        // On one shard as any command, so that the library's refusals come from the call itself.
        var divided = dividing.Result;
        return divided.Parts is [var whole] ? call(whole.Route.Database, list) : MergeAsync(divided, list, (part, own) => call(part.Route.Database, own), merge);

        async Task<T> WhenDividedAsync(ValueTask<KeyParts> dividing)
        {
            var parts = await dividing.ConfigureAwait(false);
            return await MergeAsync(parts, list, (part, own) => call(part.Route.Database, own), merge).ConfigureAwait(false);
        }
    }

    private T Split<TKey, T>(CommandKeys keys, TKey[] list, bool maySplit, Func<IDatabase, TKey[], T> call, Func<IReadOnlyList<T>, KeyParts?, T> merge)
    {
        if (!maySplit)
        {
            return call(Serving(keys), list);
        }

        var parts = routes.Partition(keys, policy);
        if (parts.Parts.Count == 1)
        {
            return call(parts.Parts[0].Route.Database, list);
        }

        var results = new List<T>();
        var errors = new List<Exception?>();
        foreach (var part in parts.Parts)
        {
            try
            {
                results.Add(call(part.Route.Database, part.Of(list)));
                errors.Add(null);
            }
            catch (Exception exception)
            {
                errors.Add(exception);
            }
        }

        if (errors.Find(static error => error is not null) is { } first)
        {
            Describe(first, parts, errors);
            ExceptionDispatchInfo.Throw(first);
        }

        return merge(results, parts);
    }

    // On how many shards the keys lie; one while that is not known.
    private int SizeOf(in CommandKeys keys)
    {
        var shards = new HashSet<IConnectionMultiplexer>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < keys.Count; i++)
        {
            if (routes.TryServing(keys[i], policy) is { } shard)
            {
                shards.Add(shard.Multiplexer);
            }
        }

        return Math.Max(1, shards.Count);
    }

    // What one shard's connection throws at once must not keep the others from being asked.
    private static async Task<T> BeginAsync<TKey, T>(KeyPart part, TKey[] list, Func<KeyPart, TKey[], Task<T>> call) => await call(part, part.Of(list)).ConfigureAwait(false);

    private static void Describe(Exception error, KeyParts parts, IReadOnlyList<Exception?> errors) =>
        error.Data[PartsKey] = string.Create(
            CultureInfo.InvariantCulture,
            $"{errors.Count(static e => e is not null)} of {parts.Parts.Count} shards failed: {string.Join(", ", parts.Parts.Zip(errors).Where(static pair => pair.Second is not null).Select(static pair => $"'{pair.First.Route.Shard.Name}' ({pair.First.Route.Shard.Addr}), {pair.First.Places.Count} keys: {pair.Second!.GetType().Name}"))}{(errors.Contains(null) ? "; the others did their part" : "")}.");
}
