using System.Diagnostics.Metrics;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

public sealed class ViewLagTests : IAsyncLifetime
{
    private readonly string _cluster = $"lag-{Guid.NewGuid():n}";
    private readonly EmbeddedStack _stack = new();
    private readonly MeterListener _listener = new();
    private readonly TaskCompletionSource<double> _lag = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<double> _duration = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask InitializeAsync()
    {
        await _stack.StartEmptyAsync();
        await _stack.Manager.CreateClusterAsync(_cluster, [await _stack.StartShardAsync("shard1")], cancellationToken: Cancel.Soon);
        _listener.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Meter.Name == RingKeeperTelemetry.SourceName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            // Other tests have clusters too.
            var named = tags.ToArray().ToDictionary();
            if (Equals(named.GetValueOrDefault("ringkeeper.cluster"), _cluster))
            {
                (instrument.Name switch { "ringkeeper.view.lag" when Equals(named["ringkeeper.change"], "topology") => _lag, "ringkeeper.view.apply.duration" => _duration, _ => null })?.TrySetResult(value);
            }
        });
        _listener.Start();
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return _stack.DisposeAsync();
    }

    [Fact]
    public async Task A_change_that_arrives_is_measured_and_the_first_view_is_not()
    {
        await using var client = await ZKCluster.ConnectAsync(_stack.ConnectorOptions(), _cluster, cancellationToken: Cancel.Soon);
        Assert.False(_lag.Task.IsCompleted || _duration.Task.IsCompleted);

        var cluster = await _stack.Manager.GetClusterAsync(_cluster, Cancel.Soon);
        await _stack.Manager.UpdateClusterAsync(cluster with { Options = cluster.Options with { FailoverEnabled = false } }, Cancel.Soon);

        // One clock, so that nothing but whole milliseconds of the server's comes between the two.
        Assert.InRange(await _lag.Task.WaitAsync(Cancel.Soon), 0, 30);
        Assert.InRange(await _duration.Task.WaitAsync(Cancel.Soon), 1e-6, await _lag.Task + 0.002);
    }
}
