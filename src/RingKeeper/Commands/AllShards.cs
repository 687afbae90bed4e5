using System.Globalization;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Asks every shard of a ring the same, side by side.</summary>
internal static class AllShards
{
    /// <summary>Asks, one shard after another; never waits on a task.</summary>
    /// <param name="routes">The ring.</param>
    /// <param name="what">The command's name, for messages.</param>
    /// <param name="alive">Whether shards that are agreed to be dead are left out.</param>
    /// <param name="ask">Asks one.</param>
    /// <returns>The answers, in the order of the shards.</returns>
    /// <exception cref="RingKeeperException">A shard failed; the others were asked.</exception>
    public static IReadOnlyList<T> Ask<T>(IShardRoutes routes, string what, bool alive, Func<ShardDoor, T> ask)
    {
        var doors = DoorsOf(routes, alive);
        var answers = new List<T>();
        var failed = new List<(ShardDoor, Exception)>();
        foreach (var door in doors)
        {
            try
            {
                RequireOpen(door);
                answers.Add(ask(door));
            }
            catch (Exception exception)
            {
                failed.Add((door, exception));
            }
        }

        return failed.Count == 0 ? answers : throw Failure(what, doors.Count, failed);
    }

    /// <summary>Asks all at the same time; else as <see cref="Ask"/>.</summary>
    public static async Task<IReadOnlyList<T>> AskAsync<T>(IShardRoutes routes, string what, bool alive, Func<ShardDoor, Task<T>> ask)
    {
        var doors = DoorsOf(routes, alive);
        var asked = doors.Select(door => OneAsync(door, ask)).ToArray();
        await ((Task)Task.WhenAll(asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failed = doors.Zip(asked).Where(static pair => !pair.Second.IsCompletedSuccessfully).Select(static pair => (pair.First, ErrorOf(pair.Second))).ToList();
        return failed.Count == 0 ? [.. asked.Select(static task => task.Result)] : throw Failure(what, doors.Count, failed);
    }

    private static async Task<T> OneAsync<T>(ShardDoor door, Func<ShardDoor, Task<T>> ask)
    {
        RequireOpen(door);
        return await ask(door).ConfigureAwait(false);
    }

    private static void RequireOpen(ShardDoor door)
    {
        if (door.Connection.Database is null)
        {
            throw new RingKeeperException($"The connection to shard '{door.Shard.Name}' ({door.Shard.Addr}) is not open. Check its address and ConfigureRedis.");
        }
    }

    private static Exception ErrorOf(Task task) => task.Exception?.InnerException ?? new OperationCanceledException();

    private static IReadOnlyList<ShardDoor> DoorsOf(IShardRoutes routes, bool alive)
    {
        var doors = OneShardRoutes.DoorsOf(routes);
        if (!alive)
        {
            return doors;
        }

        IReadOnlyList<ShardDoor> serving = [.. doors.Where(static door => door.MayServe)];
        return serving.Count > 0 ? serving : throw new NoShardAvailableException("Every shard is agreed to be dead. Bring one back, or try again when one is.");
    }

    private static RingKeeperException Failure(string what, int asked, IReadOnlyList<(ShardDoor Door, Exception Error)> failed)
    {
        var named = string.Join("; ", failed.Select(static one => $"'{one.Door.Shard.Name}' ({one.Door.Shard.Addr}): {one.Error.Message}"));
        return new RingKeeperException(
            string.Create(CultureInfo.InvariantCulture, $"{what} failed on {failed.Count} of {asked} shards, and was done on the others: {named}"),
            failed.Count == 1 ? failed[0].Error : new AggregateException(failed.Select(static one => one.Error)));
    }
}
