using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The code of docs/zookeeper-recipes.md, run as it stands there.</summary>
public sealed class ZooKeeperRecipesPageTests : IAsyncLifetime
{
    private const string Page = "docs/zookeeper-recipes.md";

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(20));
    private EmbeddedZooKeeperServer _server = null!;
    private ZooKeeperClient _client = null!;

    [Fact]
    public void Every_line_of_code_on_the_page_stands_in_this_file() =>
        Assert.Equal([], PageCode.MissingLines(Page, static line => line, "tests/RingKeeper.IntegrationTests/Docs/ZooKeeperRecipesPageTests.cs"));

    [Fact]
    public async Task The_code_for_a_lock_runs()
    {
        var (client, cancellationToken, report) = (_client, _patience.Token, "fine"u8.ToArray());
        await client.CreateAsync("/reports", default);
        await client.CreateAsync("/reports/last", default);

        var mutex = new DistributedLock(client, "/locks/report");
        await using var held = await mutex.AcquireAsync(cancellationToken);
        await WriteReportAsync(held.LostToken);
        await held.FencedMultiAsync([ZooKeeperOp.SetData("/reports/last", report)], cancellationToken);

        Assert.Equal(report, (await client.GetDataAsync("/reports/last")).Data);
    }

    [Fact]
    public async Task The_code_for_a_lead_runs()
    {
        using var ending = new CancellationTokenSource();
        var (client, name, stopping) = (_client, "me"u8.ToArray(), ending.Token);
        long led = 0;
        async Task ScheduleAsync(long token, CancellationToken lost)
        {
            led = token;
            await ending.CancelAsync();
            lost.ThrowIfCancellationRequested();
        }

        var election = new LeaderElection(client, "/scheduler/leader", new TenureOptions { Data = name });
        var running = Task.Run(async () =>
        {
            await election.RunAsync(async (leadership, lost) => await ScheduleAsync(leadership.FencingToken, lost), stopping);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(_patience.Token));
        Assert.NotEqual(0, led);
    }

    [Fact]
    public async Task The_code_for_an_entry_in_a_group_runs()
    {
        var (client, cancellationToken, address, newAddress) = (_client, _patience.Token, "a:1"u8.ToArray(), "a:2"u8.ToArray());

        await using var entry = await EphemeralNode.CreateAsync(client, "/workers/w1", address, cancellationToken: cancellationToken);
        await entry.SetDataAsync(newAddress, cancellationToken);

        Assert.Equal(newAddress, (await client.GetDataAsync("/workers/w1")).Data);
    }

    [Fact]
    public async Task The_code_for_a_copy_of_a_tree_runs()
    {
        var client = _client;
        await client.CreateAsync("/config", default);
        await client.CreateAsync("/config/limit", "7"u8.ToArray());
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_patience.Token);
        var cancellationToken = ending.Token;
        var applied = new List<CacheChange>();
        void Apply(CacheChange change)
        {
            applied.Add(change);
            if (applied.Count == 2)
            {
                ending.Cancel();
            }
        }

        await using var cache = await TreeCache.StartAsync(client, "/config");
        await cache.WaitForInitialAsync(cancellationToken);
        var limit = cache.Nodes["/config/limit"].Data;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var change in cache.ReadChangesAsync(cancellationToken))
            {
                Apply(change);
            }
        });

        Assert.Equal("7"u8.ToArray(), limit.ToArray());
        Assert.Equal(["/config", "/config/limit"], applied.Select(a => a.Path));
    }

    [Fact]
    public async Task The_code_for_writes_whose_answer_is_lost_runs()
    {
        var (client, cancellationToken, data) = (_client, _patience.Token, "1"u8.ToArray());
        foreach (var node in new[] { "/jobs", "/jobs/a", "/done", "/markers", "/config", "/config/limit" })
        {
            await client.CreateAsync(node, default);
        }

        var read = await client.GetDataAsync("/config/limit");

        var path = await client.CreateProtectedAsync("/jobs/job-", data, CreateMode.PersistentSequential, cancellationToken: cancellationToken);
        var change = await client.SetDataVerifiedAsync("/config/limit", data, read.Stat, cancellationToken);
        var moved = await client.MultiVerifiedAsync([ZooKeeperOp.Delete("/jobs/a"), ZooKeeperOp.Create("/done/a", data)], "/markers", cancellationToken);

        Assert.StartsWith("/jobs/_c_", path, StringComparison.Ordinal);
        Assert.Equal((WriteVerdict.Applied, WriteVerdict.Applied, 2), (change.Verdict, moved.Verdict, moved.Results.Count));
    }

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedZooKeeperServer.StartAsync();
        _client = await ZooKeeperClient.ConnectAsync(_server.ConnectString, _patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        _patience.Dispose();
    }

    private static Task WriteReportAsync(CancellationToken lost) => Task.Delay(TimeSpan.Zero, TimeProvider.System, lost);
}
