using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>Clusters that belong to an identity, and what others meet; the same on every stack.</summary>
public abstract class CredentialsSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    // Nobody listens there: the first decision is soon and finds it dead.
    private static readonly Shard[] Shards = [new("a", "127.0.0.1:1")];
    private static readonly ZKClusterOptions OneChecker = new() { ExpectedCheckers = 1 };

    private readonly TStack _stack = new();

    public async ValueTask InitializeAsync() => await _stack.StartEmptyAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _stack.DisposeAsync();
    }

    [Fact]
    public async Task A_cluster_made_with_credentials_is_for_them_alone_below_a_root_that_all_share()
    {
        await using var bob = await ManagerOfAsync("bob:secret");
        await using var alice = await ManagerOfAsync("alice:other");
        await bob.CreateClusterAsync("bobs", Shards, cancellationToken: Cancel.Soon);
        await alice.CreateClusterAsync("alices", Shards, cancellationToken: Cancel.Soon);
        await _stack.Manager.CreateClusterAsync("open", Shards, cancellationToken: Cancel.Soon);
        await bob.UpdateClusterAsync(await bob.GetClusterAsync("bobs", Cancel.Soon), Cancel.Soon);

        foreach (var path in new[] { ZKPaths.Cluster("bobs"), ZKPaths.Shards("bobs"), ZKPaths.Options("bobs"), ZKPaths.History("bobs"), ZKPaths.Status("bobs") })
        {
            Assert.Equal([Acl.Digest("bob", "secret")], (await bob.Client.GetAclAsync(path, Cancel.Soon)).Acl);
        }

        Assert.Equal([Acl.Digest("bob", "secret"), new Acl(AclPermissions.All & ~AclPermissions.Admin, "world", "anyone")], (await bob.Client.GetAclAsync(ZKPaths.Root, Cancel.Soon)).Acl);
        Assert.Equal(["bobs", "open"], (await bob.GetClustersAsync(Cancel.Soon)).Select(c => c.Name));
        Assert.Equal(["alices", "open"], (await alice.GetClustersAsync(Cancel.Soon)).Select(c => c.Name));
        Assert.Empty(await bob.GetOpenNodesAsync("bobs", Cancel.Soon));
        Assert.Equal([ZKPaths.Cluster("open"), ZKPaths.History("open"), ZKPaths.Options("open"), ZKPaths.Shards("open")], await bob.GetOpenNodesAsync("open", Cancel.Soon));
        await bob.DeleteClusterAsync("bobs", cancellationToken: Cancel.Soon);
    }

    [Theory]
    [InlineData(null, "closed to sessions without credentials")]
    [InlineData("bob:hunter2", "these credentials are not those")]
    [InlineData("alice:hunter2", "these credentials are not those")]
    public async Task Whoever_comes_with_other_credentials_or_none_is_refused_and_told_which(string? credentials, string why)
    {
        await using var bob = await ManagerOfAsync("bob:secret");
        await bob.CreateClusterAsync("bobs", Shards, cancellationToken: Cancel.Soon);
        await using var other = await ManagerOfAsync(credentials);

        foreach (var refused in new Func<Task>[]
        {
            () => other.GetClusterAsync("bobs", Cancel.Soon),
            () => other.DeleteClusterAsync("bobs", cancellationToken: Cancel.Soon),
            () => ZKCluster.ConnectAsync(OptionsOf(credentials), "bobs", cancellationToken: Cancel.Soon),
            () => ZKChecker.ConnectAsync(CheckerOf("bobs", credentials), Cancel.Soon),
        })
        {
            var refusal = await Assert.ThrowsAsync<ZooKeeperException>(refused);
            Assert.Contains("/goreclusters/bobs", refusal.Message, StringComparison.Ordinal);
            Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", refusal.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal("bobs", (await bob.GetClusterAsync("bobs", Cancel.Soon)).Name);
    }

    [Fact]
    public async Task All_that_a_checker_writes_is_for_the_identity_of_the_cluster_and_a_client_with_it_is_served_the_decision()
    {
        await using var bob = await ManagerOfAsync("bob:secret");
        await bob.CreateClusterAsync("bobs", Shards, OneChecker, Cancel.Soon);
        await using var checker = await ZKChecker.ConnectAsync(CheckerOf("bobs", "bob:secret"), Cancel.Soon);
        await checker.StartAsync(Cancel.Soon);
        await using var client = await ZKCluster.ConnectAsync(OptionsOf("bob:secret"), "bobs", cancellationToken: Cancel.Soon);

        await Views.WaitAsync(client, view => view.StatusOf(0) is { Alive: false });

        var vote = Assert.Single(await bob.GetCheckersAsync("bobs", Cancel.Soon));
        foreach (var path in new[] { ZKPaths.Status("bobs"), ZKPaths.LocalStatus("bobs"), ZKPaths.Vote("bobs", vote) })
        {
            Assert.Equal([Acl.Digest("bob", "secret")], (await bob.Client.GetAclAsync(path, Cancel.Soon)).Acl);
        }
    }

    [Fact]
    public async Task A_checker_with_credentials_leaves_an_open_cluster_open_to_checkers_and_clients_without()
    {
        await _stack.Manager.CreateClusterAsync("open", Shards, new ZKClusterOptions { ExpectedCheckers = 2 }, Cancel.Soon);
        await using var first = await ZKChecker.ConnectAsync(CheckerOf("open", "bob:secret"), Cancel.Soon);
        await first.StartAsync(Cancel.Soon);
        await using var second = await ZKChecker.ConnectAsync(CheckerOf("open", null), Cancel.Soon);
        await second.StartAsync(Cancel.Soon);
        await using var client = await ZKCluster.ConnectAsync(OptionsOf(null), "open", cancellationToken: Cancel.Soon);

        // Two votes decide, so both were written and read.
        await Views.WaitAsync(client, view => view.StatusOf(0) is { Alive: false });

        Assert.Contains(ZKPaths.Status("open"), await _stack.Manager.GetOpenNodesAsync("open", Cancel.Soon));
    }

    private Task<ZKManager> ManagerOfAsync(string? credentials) => ZKManager.ConnectAsync(OptionsOf(credentials), Cancel.Soon);

    private ZKConnectorOptions OptionsOf(string? credentials) => _stack.ConnectorOptions() with { DigestCredentials = credentials };

    private ZKCheckerOptions CheckerOf(string name, string? credentials) => new()
    {
        ZKServers = _stack.ZKServers,
        ZKTimeout = _stack.SessionTimeout,
        DigestCredentials = credentials,
        ClusterName = name,
        Interval = _stack.Interval,
        Threshold = _stack.Threshold,
    };
}

public sealed class EmbeddedCredentialsTests : CredentialsSuite<EmbeddedStack>;

public sealed class RealCredentialsTests : CredentialsSuite<RealStack>;
