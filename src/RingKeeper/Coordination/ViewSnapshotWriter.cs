using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Keeps the snapshot file up to date, beside everybody's way: after each change of the view, and so that it knows when the view was last confirmed.</summary>
internal sealed class ViewSnapshotWriter : IAsyncDisposable
{
    /// <summary>How far the file's time of confirmation may lag behind.</summary>
    public static readonly TimeSpan RestampInterval = TimeSpan.FromMinutes(1);

    private readonly string _file;
    private readonly string _cluster;
    private readonly ViewConfirmation _confirmation;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WakeSignal _wake;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private (ZKClusterInfo Cluster, ClusterView View)? _latest;
    private readonly Lock _gate = new();
    private (Type Kind, int Code)? _lastTrouble;

    public ViewSnapshotWriter(string file, string cluster, ViewConfirmation confirmation, TimeProvider time, ILogger logger)
    {
        (_file, _cluster, _confirmation, _time, _logger, _wake) = (file, cluster, confirmation, time, logger, new WakeSignal(time));
        _running = RunAsync();
    }

    /// <summary>Takes a view that came from ZooKeeper; of several in a row the last is written.</summary>
    public void Keep(ZKClusterInfo cluster, ClusterView view)
    {
        lock (_gate)
        {
            _latest = (cluster, view);
        }

        _wake.Set();
    }

    /// <summary>Writes once more, with the time until which the view was confirmed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await WriteAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                await _wake.WaitAsync(RestampInterval, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await WriteAsync().ConfigureAwait(false);
        }
    }

    private async Task WriteAsync()
    {
        (ZKClusterInfo Cluster, ClusterView View) latest;
        lock (_gate)
        {
            if (_latest is null)
            {
                return;
            }

            latest = _latest.Value;
        }

        try
        {
            var snapshot = ViewSnapshot.Of(latest.Cluster, latest.View, _time.GetUtcNow() - _confirmation.Age);
            await ViewSnapshotFile.WriteAsync(_file, ViewSnapshotCodec.Encode(snapshot), CancellationToken.None).ConfigureAwait(false);
            _lastTrouble = null;
        }
        catch (Exception exception)
        {
            // Whatever it is, serving goes on; the next change tries again.
            var trouble = (exception.GetType(), exception.HResult);
            if (_lastTrouble != trouble)
            {
                Log.SnapshotNotWritten(_logger, _cluster, _file, exception.Message);
                _lastTrouble = trouble;
            }
        }
    }
}
