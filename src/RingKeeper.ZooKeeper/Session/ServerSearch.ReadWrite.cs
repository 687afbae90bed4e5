namespace RingKeeper.ZooKeeper.Session;

/// <content>The way from a server without a quorum to one that serves writes.</content>
internal sealed partial class ServerSearch
{
    /// <summary>
    /// Asks the servers in turn, while the connection to one without a quorum lasts, whether they serve writes, and ends that connection for the first that does.
    /// The read-only server itself ends the connection when it joins a quorum.
    /// </summary>
    public async Task LeaveForReadWriteAsync(Connection connection)
    {
        try
        {
            for (var round = 0; ; round++)
            {
                await Task.Delay(ReconnectPolicy.PauseBeforeProbe(round, _random.NextDouble()), _time, connection.Ended).ConfigureAwait(false);
                foreach (var server in _servers.All.Where(server => server != connection.Server).Distinct())
                {
                    if (await ServesWritesAsync(server, connection.Ended).ConfigureAwait(false))
                    {
                        Log.ReadWriteServerFound(_logger, server);
                        _servers.Prefer(server);
                        connection.Drop($"{server} serves writes");
                        return;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (connection.Ended.IsCancellationRequested)
        {
            // The search goes on with a connection, or with none.
        }
    }

    private async Task<bool> ServesWritesAsync(ServerAddress server, CancellationToken ended)
    {
        try
        {
            return await new FourLetterWord(_transport, _time).GetModeAsync(server, _options.ConnectTimeout, ended).ConfigureAwait(false) == ZooKeeperServerMode.ReadWrite;
        }
        catch (ZooKeeperException exception)
        {
            Log.AttemptFailed(_logger, server, exception.Message);
            return false;
        }
    }
}
