using System.Globalization;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Faults;

/// <summary>The sample application in a process of its own, asked for keys all the while: what would end a user's process ends this one.</summary>
internal sealed class ApplicationProcess : IAsyncDisposable
{
    private const int Askers = 4;
    private const int Keys = 90;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly SampleProcess _sample;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _asking;
    private long _answers;
    private long _failures;

    private ApplicationProcess(SampleProcess sample)
    {
        _sample = sample;
        _asking = Task.WhenAll(Enumerable.Range(0, Askers).Select(AskAsync));
    }

    public static async Task<ApplicationProcess> StartAsync(ClusterStack stack) => new(await SampleProcess.StartAsync(
        "Orders",
        $"--RingKeeper:ZKServers={stack.ClientZKServers}",
        $"--RingKeeper:ClusterName={stack.Name}",
        string.Create(CultureInfo.InvariantCulture, $"--RingKeeper:ZKTimeout={stack.SessionTimeout:c}"),
        "--Logging:LogLevel:Microsoft.AspNetCore=None"));

    /// <summary>Returns once the application reads what another client has just written to this shard for a key that it owns.</summary>
    public async Task AgreesAsync(ZKCluster client, string shard)
    {
        var bound = Cancel.Soon;
        for (var i = 0; ; i++)
        {
            bound.ThrowIfCancellationRequested();
            var id = string.Create(CultureInfo.InvariantCulture, $"{shard}-{i}");
            var value = Guid.NewGuid().ToString();
            if (await TryWriteAsync(client, shard, $"order:{id}", value) && await _sample.TryGetAsync($"/orders/{id}") == value)
            {
                return;
            }
        }
    }

    /// <summary>Ends the asking and the process, which must be there, healthy, and end in order; tells what was asked.</summary>
    public async Task<string> StopAsync()
    {
        await _stop.CancelAsync();
        await _asking;
        Assert.Equal("Healthy", await _sample.GetAsync("/health"));
        Assert.Equal(0, await _sample.StopAsync());
        Assert.DoesNotContain("crit:", _sample.QuoteLog(), StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"fault run: an application in a process of its own: {_answers} requests answered, {_failures} failed; it never ended");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _sample.DisposeAsync();
        _stop.Dispose();
    }

    private static async Task<bool> TryWriteAsync(ZKCluster client, string shard, string key, string value)
    {
        try
        {
            var route = await client.ConnectAsync(key, cancellationToken: Cancel.Soon);
            return route.Shard.Name == shard && await route.Database.StringSetAsync(key, value);
        }
        catch (Exception e) when (RegisterWorkload.IsOutage(e))
        {
            return false;
        }
    }

    private async Task AskAsync(int asker)
    {
        for (var i = asker; !_stop.IsCancellationRequested; i = (i + 1) % Keys)
        {
            var answer = await _sample.TryGetAsync($"/orders/{i}");
            Interlocked.Increment(ref answer is null ? ref _failures : ref _answers);
            await Task.Delay(Pace, TimeProvider.System, CancellationToken.None);
        }
    }
}
