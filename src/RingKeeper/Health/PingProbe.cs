using System.Net;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// Sends PING over an own connection, kept between probes, and asks in the same packet for the role, on a new connection also for the run_id: a restart
/// ends every connection, a change of role ends none. User, password and TLS are read anew at every connect.
/// </summary>
internal sealed class PingProbe : IShardProbe
{
    // Proxies that speak for a shard may close a connection that asks for more than they know.
    private const int MostClosedByInfo = 2;

    private static readonly byte[] Ping = RespReply.Command("PING");
    private readonly EndPoint _endPoint;
    private readonly Action<ConfigurationOptions>? _configureRedis;
    private readonly WriteCheck? _write;
    private ProbeConnection? _connection;
    private string? _runId;
    private string? _infoRefusal;
    private bool _asksInfo;
    private int _closedByInfo;
    private volatile bool _disposed;

    /// <exception cref="RingKeeperException">The address cannot be read.</exception>
    public PingProbe(string addr, Action<ConfigurationOptions>? configureRedis, WriteCheck? write = null)
    {
        _endPoint = ShardAddress.Parse(addr);
        _configureRedis = configureRedis;
        _write = write;
    }

    public async ValueTask<ProbeResult> ProbeAsync(CancellationToken cancellationToken)
    {
        var well = false;
        try
        {
            // A kept connection that has ended meanwhile says nothing about the server now: ask on a new one.
            if (_connection is { Ended.IsCompleted: true })
            {
                await DropAsync().ConfigureAwait(false);
            }

            var connection = _connection;
            var isNew = connection is null;
            if (connection is null)
            {
                (connection, var refusal) = await ProbeLogin.OpenAsync(_endPoint, _configureRedis, cancellationToken).ConfigureAwait(false);
                if (connection is null)
                {
                    return refusal;
                }

                _connection = connection;
            }

            var result = await AskAsync(connection, isNew, cancellationToken).ConfigureAwait(false);
            well = result.Outcome is not (ProbeOutcome.Garbage or ProbeOutcome.Misconfigured);
            return result;
        }
        catch (ProbeException exception)
        {
            return exception.Result;
        }
        finally
        {
            if (!well || _disposed)
            {
                await DropAsync().ConfigureAwait(false);
            }
        }
    }

    public Task WaitForDisturbanceAsync(CancellationToken cancellationToken) =>
        (_connection?.Ended ?? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken)).WaitAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        return DropAsync();
    }

    /// <summary>What an answer to PING, or an error in answer to a write, means.</summary>
    internal static ProbeResult Judge(RespReply answer) => answer switch
    {
        { IsError: false, IsBulk: false, Text: "PONG" } => new ProbeResult(ProbeOutcome.Alive),
        { IsError: false } => new ProbeResult(ProbeOutcome.Garbage, "the answer to PING is not PONG"),
        _ => answer.Code switch
        {
            "BUSY" => new ProbeResult(ProbeOutcome.Busy, answer.Text),
            "LOADING" or "MASTERDOWN" => new ProbeResult(ProbeOutcome.Unready, answer.Text),
            "MISCONF" or "READONLY" or "OOM" or "NOREPLICAS" => new ProbeResult(ProbeOutcome.Unwritable, answer.Text),
            "NOAUTH" or "WRONGPASS" or "NOPERM" or "DENIED" => new ProbeResult(ProbeOutcome.Misconfigured, answer.Text),
            _ => new ProbeResult(ProbeOutcome.Failed, answer.Text),
        },
    };

    private async Task<ProbeResult> AskAsync(ProbeConnection connection, bool isNew, CancellationToken cancellationToken)
    {
        if (isNew)
        {
            _runId = _infoRefusal = null;
            _asksInfo = _closedByInfo < MostClosedByInfo;
        }

        List<byte[]> commands = [Ping, .. _write?.Commands ?? []];
        var asked = commands.Count;
        if (_asksInfo)
        {
            commands.Add(ServerInfo.AskReplication);
            if (_runId is null)
            {
                commands.Add(ServerInfo.AskServer);
            }
        }

        var start = TimeProvider.System.GetTimestamp();
        var answers = await connection.CallAsync(commands, cancellationToken).ConfigureAwait(false);
        var rtt = TimeProvider.System.GetElapsedTime(start);
        var result = Judge(answers[0]);
        if (_write is not null && result.Outcome == ProbeOutcome.Alive)
        {
            result = answers.Count < asked ? new ProbeResult(ProbeOutcome.Closed, "the server closed the connection at a write") : _write.Judge(answers[1], answers[2]);
        }

        return Identify(result, [.. answers.Skip(asked)], isClosed: answers.Count < commands.Count) with { Rtt = rtt };
    }

    // What a server says of itself is worth having whatever it says to PING; but its silence about itself is no sign of ill health.
    private ProbeResult Identify(ProbeResult result, IReadOnlyList<RespReply> infos, bool isClosed)
    {
        string? role = null;
        foreach (var info in infos)
        {
            if (info.IsError)
            {
                // Not asked again on this connection; a server that is busy or loading for now is.
                _asksInfo &= result.Outcome != ProbeOutcome.Alive;
                _infoRefusal = info.Text;
            }
            else if (!info.IsBulk)
            {
                return new ProbeResult(ProbeOutcome.Garbage, "the answer to INFO is not Redis'");
            }
            else
            {
                _runId = ServerInfo.RunIdIn(info.Text) ?? _runId;
                role = ServerInfo.RoleIn(info.Text) ?? role;
            }
        }

        if (_asksInfo && result.IsGood)
        {
            _closedByInfo = isClosed ? _closedByInfo + 1 : 0;
        }

        return result with
        {
            RunId = _runId,
            Role = role,
            Detail = result.Detail ?? (_runId is null && _closedByInfo >= MostClosedByInfo ? "the server closes connections that ask for INFO" : _runId is null ? _infoRefusal : null),
        };
    }

    private async ValueTask DropAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
