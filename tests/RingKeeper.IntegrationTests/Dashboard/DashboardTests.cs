using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Dashboard;

/// <summary>The dashboard in an application, over HTTP, on the embedded ZooKeeper and real Redis servers.</summary>
[Trait("Speed", "Slow")]
public sealed class DashboardTests : IAsyncLifetime
{
    private static readonly string[] Addresses = ["/ringkeeper", "/ringkeeper/", "/ringkeeper/clusters/c1", "/ringkeeper/clusters/c1/live", "/ringkeeper/metrics", "/ringkeeper/assets/dashboard.css", "/ringkeeper/assets/dashboard.js"];

    private readonly EmbeddedStack _stack = new() { RedisArguments = [] };

    public async ValueTask InitializeAsync() => await _stack.StartAsync(shards: 2, checkers: 1, new ZKClusterOptions { ExpectedCheckers = 1, MaxDeadPercent = 100 });

    public async ValueTask DisposeAsync() => await _stack.DisposeAsync();

    [Fact]
    public async Task A_death_and_a_return_reach_the_live_page()
    {
        await using var app = await StartAsync();
        await using var live = await app.FollowAsync("/ringkeeper/clusters/c1/live");
        await live.UntilAsync(static parts => parts.GetValueOrDefault("shards")?.Contains("shard2", StringComparison.Ordinal) == true);
        Assert.Equal("text/event-stream", live.Response.Content.Headers.ContentType!.MediaType);

        await _stack.Shards["shard2"].KillAsync();
        await live.UntilAsync(static parts => parts.GetValueOrDefault("alarms")?.Contains("shard2 is dead", StringComparison.Ordinal) == true);
        Assert.Contains("shard2", (await app.GetAsync("/ringkeeper/clusters/c1")).Text, StringComparison.Ordinal);

        await _stack.Shards["shard2"].RestartAsync();
        await live.UntilAsync(static parts => !parts["alarms"].Contains("shard2 is dead", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ZooKeeper_that_is_away_is_told_and_its_return_too()
    {
        await using var app = await StartAsync();
        await using var live = await app.FollowAsync("/ringkeeper/clusters/c1/live");
        await live.UntilAsync(static parts => parts.GetValueOrDefault("shards")?.Contains("shard2", StringComparison.Ordinal) == true);

        await _stack.StopZooKeeperAsync();
        await live.UntilAsync(static parts => parts["alarms"].Contains("ZooKeeper is away from this process", StringComparison.Ordinal));
        Assert.Contains("shard2", live.Parts["shards"], StringComparison.Ordinal);

        await _stack.RestartZooKeeperAsync();
        await live.UntilAsync(static parts => !parts["alarms"].Contains("ZooKeeper is away", StringComparison.Ordinal) && !parts["alarms"].Contains("last read a while ago", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cluster_that_is_deleted_and_made_anew_is_told_and_followed()
    {
        await using var app = await StartAsync();
        await using var live = await app.FollowAsync("/ringkeeper/clusters/c1/live");
        await live.UntilAsync(static parts => parts.GetValueOrDefault("shards")?.Contains("shard2", StringComparison.Ordinal) == true);
        var shards = (await _stack.Manager.GetClusterAsync("c1", Cancel.Soon)).Shards;

        await _stack.Manager.DeleteClusterAsync("c1", force: true, Cancel.Soon);
        await live.UntilAsync(static parts => parts["alarms"].Contains("is gone from ZooKeeper", StringComparison.Ordinal));

        await _stack.Manager.CreateClusterAsync("c1", [shards[0]], new ZKClusterOptions { ExpectedCheckers = 1 }, Cancel.Soon);
        await live.UntilAsync(static parts => !parts["shards"].Contains("shard2", StringComparison.Ordinal) && !parts["alarms"].Contains("is gone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_authorization_everything_is_served_with_headers_and_with_it_nothing_to_strangers()
    {
        await using var app = await DashboardApp.StartAsync(
            services =>
            {
                Register(services);
                services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, TestAuthentication>("test", null);
                services.AddAuthorization();
            },
            static app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapRingKeeperDashboard("/open");
                app.MapRingKeeperDashboard().RequireAuthorization();
            });
        foreach (var address in Addresses)
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
            {
                Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, method, address));
                Assert.InRange((int)await StatusAsync(app, method, address, "operator"), 200, 302);
                Assert.InRange((int)await StatusAsync(app, method, address.Replace("/ringkeeper", "/open", StringComparison.Ordinal)), 200, 302);
            }
        }
    }

    [Fact]
    public async Task Every_answer_forbids_what_is_not_needed()
    {
        await using var app = await StartAsync();
        foreach (var address in Addresses.Append("/ringkeeper/clusters/nobody"))
        {
            using var response = await app.Http.GetAsync(new Uri(address, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel.Soon);
            var policy = string.Join(' ', response.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none'; script-src 'self'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
            Assert.True(response.Headers.CacheControl!.NoStore);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await app.GetAsync("/ringkeeper/clusters/nobody")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await app.GetAsync("/ringkeeper/clusters/nobody/live")).Status);
        using var post = await app.Http.PostAsync(new Uri("/ringkeeper/clusters/c1", UriKind.Relative), null, Cancel.Soon);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Fact]
    public async Task One_cluster_is_found_at_the_root_and_addresses_hold_below_a_path_base()
    {
        await using var app = await DashboardApp.StartAsync(Register, static app =>
        {
            app.UsePathBase("/base");
            app.UseRouting();
            app.MapRingKeeperDashboard("/a/b");
        });
        var at = new Uri(app.Http.BaseAddress!, "/base/a/b");
        for (var hops = 0; hops < 2; hops++)
        {
            using var response = await app.Http.GetAsync(at, Cancel.Soon);
            Assert.Equal(HttpStatusCode.Found, response.StatusCode);
            at = new Uri(at, response.Headers.Location!);
        }

        Assert.Equal("/base/a/b/clusters/c1", at.AbsolutePath);
        var page = await app.GetAsync(at.AbsolutePath);
        Assert.Contains("\"../assets/dashboard.css\"", page.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(new Uri(at, "../assets/dashboard.css").AbsolutePath)).Status);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync($"{at.AbsolutePath}?key=some%20key")).Status);
    }

    [Fact]
    public async Task Two_clusters_are_listed_one_registered_twice_is_one_and_options_choose()
    {
        var other = await _stack.StartShardAsync("other");
        await _stack.Manager.CreateClusterAsync("c2", [other], new ZKClusterOptions { ExpectedCheckers = 1 }, Cancel.Soon);
        await using var app = await DashboardApp.StartAsync(
            services =>
            {
                Register(services);
                services.AddKeyedRingKeeper("again", options => (options.ZKServers, options.ClusterName) = (_stack.ZKServers, "c1"));
                services.AddKeyedRingKeeper("two", options => (options.ZKServers, options.ClusterName) = (_stack.ZKServers, "c2"));
            },
            static app =>
            {
                app.MapRingKeeperDashboard();
                app.MapRingKeeperDashboard("/second", static options => options.Clusters.Add("c2"));
                var missing = Assert.Throws<InvalidOperationException>(() => app.MapRingKeeperDashboard("/third", static options => options.Clusters.Add("c3")));
                Assert.Contains("c3", missing.Message, StringComparison.Ordinal);
                Assert.Throws<RingKeeperException>(() => app.MapRingKeeperDashboard("/fourth", static options => options.MaxStreams = 0));
            });

        var (status, list) = await app.GetAsync("/ringkeeper/");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(2, list.Split("clusters/c").Length - 1);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/ringkeeper/clusters/c2")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await app.GetAsync("/second/clusters/c1")).Status);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/second/clusters/c2")).Status);
    }

    [Fact]
    public async Task Streams_are_bounded_and_one_that_its_client_left_makes_room()
    {
        await using var app = await DashboardApp.StartAsync(Register, static app => app.MapRingKeeperDashboard("/ringkeeper", static options => options.MaxStreams = 1));
        var first = await app.FollowAsync("/ringkeeper/clusters/c1/live");
        await first.UntilAsync(static parts => parts.ContainsKey("shards"));
        using (var refused = await app.Http.GetAsync(new Uri("/ringkeeper/clusters/c1/live", UriKind.Relative), Cancel.Soon))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        await first.DisposeAsync();
        var soon = Cancel.Soon;
        for (var status = HttpStatusCode.ServiceUnavailable; status != HttpStatusCode.OK;)
        {
            soon.ThrowIfCancellationRequested();
            await using var next = await app.FollowAsync("/ringkeeper/clusters/c1/live");
            status = next.Response.StatusCode;
        }
    }

    [Fact]
    public async Task The_end_of_the_application_ends_its_streams_at_once()
    {
        await using var app = await StartAsync();
        await using var live = await app.FollowAsync("/ringkeeper/clusters/c1/live");
        await live.UntilAsync(static parts => parts.ContainsKey("shards"));
        var start = TimeProvider.System.GetTimestamp();
        var stopping = app.StopAsync();
        while (await live.ReadAsync(Cancel.Soon))
        {
            // What was under way.
        }

        await stopping;
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(10), "The application waited for its streams.");
    }

    [Fact]
    public async Task What_is_measured_is_served_to_Prometheus()
    {
        await using var app = await StartAsync();
        using var response = await app.Http.GetAsync(new Uri("/ringkeeper/metrics", UriKind.Relative), Cancel.Soon);
        var text = await response.Content.ReadAsStringAsync(Cancel.Soon);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("# TYPE ringkeeper_shard_health gauge\n", text, StringComparison.Ordinal);
        Assert.Contains("ringkeeper_shard_health{ringkeeper_cluster=\"c1\",ringkeeper_shard_id=\"shard1\",ringkeeper_shard_state=\"alive\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE db_client_operation_duration_seconds histogram\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shards_server_tells_how_many_keys_it_has()
    {
        await using var client = await _stack.ConnectAsync();
        for (var i = 0; i < 12; i++)
        {
            await client.GetDatabase().StringSetAsync(Views.KeyOf(client.View.Ring, "shard1", i), "x");
        }

        await using var app = await StartAsync();
        await using var live = await app.FollowAsync("/ringkeeper/clusters/c1/live");

        await live.UntilAsync(static parts => parts.GetValueOrDefault("shards") is { } shards && shards.Contains(">12<", StringComparison.Ordinal));
    }

    private static async Task<HttpStatusCode> StatusAsync(DashboardApp app, HttpMethod method, string address, string? user = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(address, UriKind.Relative));
        if (user is not null)
        {
            request.Headers.Add("X-User", user);
        }

        using var response = await app.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel.Soon);
        return response.StatusCode;
    }

    private Task<DashboardApp> StartAsync() => DashboardApp.StartAsync(Register, static app => app.MapRingKeeperDashboard());

    private void Register(IServiceCollection services) => services.AddRingKeeper(options => (options.ZKServers, options.ClusterName) = (_stack.ZKServers, "c1"));

    private sealed class TestAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Headers.TryGetValue("X-User", out var user)
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user.ToString())], Scheme.Name)), Scheme.Name))
                : AuthenticateResult.NoResult());
    }
}
