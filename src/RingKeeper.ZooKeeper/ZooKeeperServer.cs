using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// Asks one server about itself by four-letter words, without a session: for monitoring and start-up scripts. A server executes only the words of its
/// <c>4lw.commands.whitelist</c>; by default that is <c>srvr</c>, and <c>isro</c> where read-only mode is enabled.
/// </summary>
/// <remarks>
/// Each question is a connection of its own over the transport, which counts against the server's <c>maxClientCnxns</c>. All methods throw
/// <see cref="ArgumentException"/> for an address that is none.
/// </remarks>
public static class ZooKeeperServer
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Asks whether the server process runs without an error (ruok). It says nothing of a quorum: see <see cref="GetModeAsync"/>.</summary>
    /// <param name="server">The server as <c>host:port</c>; the port defaults to 2181.</param>
    /// <param name="transport">What opens the stream, TLS included (default: null, TCP).</param>
    /// <param name="timeout">How long it may take (default: null, 5 s).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True when it answered <c>imok</c>; false when it is not reached or does not answer in time.</returns>
    /// <exception cref="ZooKeeperException"><see cref="ZooKeeperErrorCode.Unimplemented"/>: <c>ruok</c> is not in the whitelist. <see cref="ZooKeeperErrorCode.MarshallingError"/>: it answered something else.</exception>
    public static async Task<bool> IsAliveAsync(
        string server, IZooKeeperTransport? transport = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        const string Word = "ruok";
        var address = ConnectString.ParseOne(server);
        string answer;
        try
        {
            answer = await AskAsync(address, Word, transport, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException exception) when (exception.Code == ZooKeeperErrorCode.ConnectionLoss)
        {
            return false;
        }

        return FourLetterWord.Allowed(address, Word, answer).Trim() == "imok" ? true : throw FourLetterWord.Unreadable(address, Word, answer);
    }

    /// <summary>Asks whether the server serves writes (isro; srvr where that is not in the whitelist).</summary>
    /// <param name="server">The server as <c>host:port</c>; the port defaults to 2181.</param>
    /// <param name="transport">What opens the stream, TLS included (default: null, TCP).</param>
    /// <param name="timeout">How long each question may take (default: null, 5 s).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The mode.</returns>
    /// <exception cref="ZooKeeperException">The server is not reached (<see cref="ZooKeeperErrorCode.ConnectionLoss"/>), executes neither word, or is no ZooKeeper server.</exception>
    public static Task<ZooKeeperServerMode> GetModeAsync(
        string server, IZooKeeperTransport? transport = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        new FourLetterWord(transport ?? TcpTransport.Instance, TimeProvider.System)
            .GetModeAsync(ConnectString.ParseOne(server), timeout ?? DefaultTimeout, cancellationToken);

    /// <summary>Asks for the server's version, role and figures (srvr).</summary>
    /// <param name="server">The server as <c>host:port</c>; the port defaults to 2181.</param>
    /// <param name="transport">What opens the stream, TLS included (default: null, TCP).</param>
    /// <param name="timeout">How long it may take (default: null, 5 s).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the server tells.</returns>
    /// <exception cref="ZooKeeperException">
    /// The server is not reached (<see cref="ZooKeeperErrorCode.ConnectionLoss"/>), has no quorum and so tells nothing (the same, and the message says so),
    /// does not execute the word (<see cref="ZooKeeperErrorCode.Unimplemented"/>), or is no ZooKeeper server.
    /// </exception>
    public static async Task<ZooKeeperServerStatistics> GetStatisticsAsync(
        string server, IZooKeeperTransport? transport = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        const string Word = "srvr";
        var address = ConnectString.ParseOne(server);
        var answer = FourLetterWord.Allowed(address, Word, await AskAsync(address, Word, transport, timeout, cancellationToken).ConfigureAwait(false));
        if (FourLetterWord.IsNotServing(answer))
        {
            throw new ZooKeeperException(
                ZooKeeperErrorCode.ConnectionLoss, path: null, OperationOutcome.Refused, $"{address} runs and serves nobody: it has no quorum. Start the other servers of its ensemble.");
        }

        var statistics = ServerStatisticsText.Parse(answer);
        return statistics.Version is null ? throw FourLetterWord.Unreadable(address, Word, answer) : statistics;
    }

    private static Task<string> AskAsync(ServerAddress server, string word, IZooKeeperTransport? transport, TimeSpan? timeout, CancellationToken cancellationToken) =>
        new FourLetterWord(transport ?? TcpTransport.Instance, TimeProvider.System).AskAsync(server, word, timeout ?? DefaultTimeout, cancellationToken);
}
