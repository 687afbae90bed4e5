using Microsoft.Extensions.Logging;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Keeps a session connected: carries one connection after the other, and closes in the end.</summary>
internal sealed class SessionLoop : IDisposable
{
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ClientSession _session;
    private readonly ServerSearch _search;
    private readonly Lazy<Task> _close;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly Task _run;

    public SessionLoop(ZooKeeperClientOptions options, ConnectString connectString, ClientSession session)
    {
        (_logger, _time, _session) = (options.Logger, options.TimeProvider, session);
        _search = new ServerSearch(options, connectString, session, _closing.Token, _aborting.Token);
        _close = new Lazy<Task>(CloseOnceAsync);
        _run = Task.Run(RunAsync);
    }

    /// <summary>Why there is no connection.</summary>
    public ConnectionDiagnosis Diagnose() => _search.Diagnose();

    /// <summary>Closes the session with the server if it can be told in time, then ends. Every caller gets the same task.</summary>
    public Task CloseAsync() => _close.Value;

    /// <summary>Ends at once and leaves the session to the server, as a killed process would.</summary>
    public void Abort()
    {
        _session.Finish();
        if (!_close.IsValueCreated)
        {
            _ = _closing.CancelAsync();
            _ = _aborting.CancelAsync();
        }
    }

    public void Dispose()
    {
        _closing.Dispose();
        _aborting.Dispose();
    }

    private async Task CloseOnceAsync()
    {
        var wait = _session.Timing.CloseWait;
        _session.BeginClose();
        await _closing.CancelAsync().ConfigureAwait(false);
        try
        {
            await _run.WaitAsync(wait, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _aborting.CancelAsync().ConfigureAwait(false);
            _session.Drop("the server did not answer closeSession in time");
            await _run.ConfigureAwait(false);
        }

        if (_session.IsToBeClosed)
        {
            Log.CloseUnanswered(_logger, _session.Feed.Current.SessionId);
        }

        _session.Finish();
        _session.Dispose();
        Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            TimeSpan? lived = null;
            while (await _search.FindAsync(lived).ConfigureAwait(false) is { } connection)
            {
                using (connection)
                {
                    var probing = connection.IsReadOnly ? _search.LeaveForReadWriteAsync(connection) : Task.CompletedTask;
                    await connection.RunAsync().ConfigureAwait(false);
                    await probing.ConfigureAwait(false);
                    _session.OnConnectionLost(connection);
                    lived = _time.GetElapsedTime(connection.EstablishedAt);
                }
            }
        }
#pragma warning disable CA1031 // Nobody awaits this loop while it runs: a defect must be logged and end the client, not leave it hanging.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _session.Finish();
            Log.LoopBroken(_logger, exception);
        }
    }
}
