using Hangfire;
using Hangfire.Redis.StackExchange;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>Hangfire.Redis.StackExchange on the face that never leaves a key's owner, all its keys under one hash tag.</summary>
[Trait("Speed", "Slow")]
public sealed class HangfireTests
{
    private const string Prefix = "{hangfire}:";

    [Fact]
    public async Task Every_job_that_was_taken_runs_once_though_its_shard_dies_in_the_middle_of_some_and_returns()
    {
        await using var scene = await LibraryScene.StartDurableAsync();
        var cluster = await scene.ConnectAsync();
        var ring = cluster.GetMultiplexer(RoutePolicy.OwnerOnly);
        var options = new RedisStorageOptions { Prefix = "{hangfire}:", FetchTimeout = TimeSpan.FromSeconds(5) };
        var storage = new RedisStorage(ring, options);
        var client = new BackgroundJobClient(storage);
        var owner = LibraryScene.OwnerOf(cluster, $"{Prefix}queues");
        var jobs = new CountedJobs();
        using var server = new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = 2, Activator = jobs, ShutdownTimeout = TimeSpan.FromSeconds(10) }, storage);

        var before = Enqueue(client, Enumerable.Range(0, 20));
        await jobs.EndedAsync(before);

        // Both workers are in the middle of a job, and more wait behind them, when the shard dies.
        int[] gated = [100, 101];
        foreach (var number in gated)
        {
            client.Enqueue<CountedJobs>(job => job.RunGatedAsync(number));
        }

        await Task.WhenAll(gated.Select(jobs.BegunAsync));
        var waiting = Enqueue(client, Enumerable.Range(200, 10));
        await scene.KillAsync(owner);
        await scene.AgreedAsync(owner);
        var refusal = Assert.ThrowsAny<Exception>(() => client.Enqueue<CountedJobs>(job => job.Run(300)));
        Assert.Contains($"'{owner}'", Assert.IsType<NoShardAvailableException>(refusal.GetBaseException()).Message, StringComparison.Ordinal);
        jobs.LetGo(100);
        await jobs.EndedAsync([100]);

        await scene.ReturnAsync(owner);
        jobs.LetGo(101);
        await jobs.EndedAsync([.. gated, .. waiting]);
        var after = Enqueue(client, Enumerable.Range(400, 10));
        await jobs.EndedAsync(after);

        // Without a hash tag its keys would lie here and there.
        var untagged = new BackgroundJobClient(new RedisStorage(ring, new RedisStorageOptions { Prefix = "hangfire:" }));
        Assert.IsType<CrossShardException>(Assert.ThrowsAny<Exception>(() => untagged.Enqueue<CountedJobs>(job => job.Run(500))).GetBaseException());

        server.SendStop();
        await server.WaitForShutdownAsync(Cancel.Soon);
        int[] taken = [.. before, .. gated, .. waiting, .. after];
        Assert.Equal(taken.Order(), jobs.Runs.Keys.Order());
        Assert.All(jobs.Runs.Values, runs => Assert.Equal(1, runs));
        var told = storage.GetMonitoringApi().GetStatistics();
        Assert.Equal((taken.Length, 0, 0, 0), (told.Succeeded, told.Failed, told.Enqueued, told.Processing));
        Assert.All(await KeysAsync(cluster, $"{Prefix}*"), place => Assert.Equal(owner, place));
    }

    private static IReadOnlyList<int> Enqueue(BackgroundJobClient client, IEnumerable<int> numbers)
    {
        var taken = new List<int>();
        foreach (var number in numbers)
        {
            Assert.NotNull(client.Enqueue<CountedJobs>(job => job.Run(number)));
            taken.Add(number);
        }

        return taken;
    }

    // The shard of each key that fits.
    private static async Task<IReadOnlyList<string>> KeysAsync(ZKCluster cluster, string pattern)
    {
        var found = new List<string>();
        foreach (var server in cluster.GetMultiplexer().GetServers())
        {
            var shard = cluster.View.Ring.Shards.Single(shard => shard.Addr == server.EndPoint.ToString()).Name;
            await foreach (var _ in server.KeysAsync(pattern: pattern))
            {
                found.Add(shard);
            }
        }

        Assert.NotEmpty(found);
        return found;
    }
}
