using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.DependencyInjection;

/// <summary>A generic host as applications build it, without their logs.</summary>
internal sealed class TestHost(IHost host) : IAsyncDisposable
{
    public IServiceProvider Services => host.Services;

    /// <summary>Builds a host; settings stand below <c>RingKeeper</c>.</summary>
    public static TestHost Build(Action<HostApplicationBuilder> configure, params (string Key, string Value)[] settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"RingKeeper:{s.Key}", (string?)s.Value)));
        configure(builder);
        return new TestHost(builder.Build());
    }

    public static async Task<TestHost> StartAsync(Action<HostApplicationBuilder> configure, params (string Key, string Value)[] settings)
    {
        var started = Build(configure, settings);
        await started.StartAsync();
        return started;
    }

    public Task StartAsync() => host.StartAsync(Cancel.Soon);

    public Task StopAsync() => host.StopAsync(Cancel.Soon);

    public T Get<T>(string? key = null)
        where T : notnull => Services.GetRequiredKeyedService<T>(key);

    /// <summary>The client behind the clusters and checkers of one registration.</summary>
    public Task<ZooKeeperClient> GetZooKeeperAsync(string name = "") =>
        Get<ZooKeeperSessions>().GetAsync(Get<OptionsMap>().ToConnector(name), Cancel.Soon);

    public async Task<HealthReportEntry> CheckHealthAsync(string name = "ringkeeper") =>
        (await Get<HealthCheckService>().CheckHealthAsync(Cancel.Soon)).Entries[name];

    public async ValueTask DisposeAsync() => await ((IAsyncDisposable)host).DisposeAsync();
}
