using System.Globalization;
using System.Net;
using System.Text;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Sends PING over an own connection, kept between probes. User, password and TLS are read anew at every connect.</summary>
internal sealed class PingProbe : IShardProbe
{
    private static readonly byte[] Ping = Encode("PING");
    private readonly EndPoint _endPoint;
    private readonly Action<ConfigurationOptions>? _configureRedis;
    private ProbeConnection? _connection;
    private volatile bool _disposed;

    /// <exception cref="RingKeeperException">The address cannot be read.</exception>
    public PingProbe(string addr, Action<ConfigurationOptions>? configureRedis)
    {
        _endPoint = ShardAddress.Parse(addr);
        _configureRedis = configureRedis;
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
            if (connection is null)
            {
                (connection, var refusal) = await OpenAsync(cancellationToken).ConfigureAwait(false);
                if (connection is null)
                {
                    return refusal;
                }
            }

            var result = Judge(await connection.CallAsync(Ping, cancellationToken).ConfigureAwait(false));
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

    /// <summary>What an answer to PING means.</summary>
    internal static ProbeResult Judge(RespLine answer) => answer switch
    {
        { IsError: false, Text: "PONG" } => new ProbeResult(ProbeOutcome.Alive),
        { IsError: false } => new ProbeResult(ProbeOutcome.Garbage, "the answer to PING is not PONG"),
        _ => CodeOf(answer.Text) switch
        {
            "BUSY" => new ProbeResult(ProbeOutcome.Busy, answer.Text),
            "LOADING" or "MASTERDOWN" => new ProbeResult(ProbeOutcome.Unready, answer.Text),
            "NOAUTH" or "WRONGPASS" or "NOPERM" or "DENIED" => new ProbeResult(ProbeOutcome.Misconfigured, answer.Text),
            _ => new ProbeResult(ProbeOutcome.Failed, answer.Text),
        },
    };

    private static string CodeOf(string error) => error.Split(' ', 2)[0];

    private static byte[] Encode(params string[] parts)
    {
        var command = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{parts.Length}\r\n");
        foreach (var part in parts)
        {
            command.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        }

        return Encoding.UTF8.GetBytes(command.ToString());
    }

    // No connection: the result says why.
    private async Task<(ProbeConnection? Connection, ProbeResult Refusal)> OpenAsync(CancellationToken cancellationToken)
    {
        var configuration = new ConfigurationOptions();
        try
        {
            _configureRedis?.Invoke(configuration);
        }
        catch (Exception exception)
        {
            // Only the type: a message may hold what was being configured.
            return (null, new ProbeResult(ProbeOutcome.Misconfigured, $"ConfigureRedis failed with {exception.GetType().Name}"));
        }

        var connection = await ProbeConnection.OpenAsync(_endPoint, configuration, cancellationToken).ConfigureAwait(false);
        _connection = connection;
        if (string.IsNullOrEmpty(configuration.Password))
        {
            return (connection, default);
        }

        var refusal = await LogInAsync(connection, configuration, cancellationToken).ConfigureAwait(false);
        return refusal is null ? (connection, default) : (null, refusal.Value);
    }

    // An answer such as LOADING, or that no password is set, does not end the probe: the PING will show what it means.
    private static async Task<ProbeResult?> LogInAsync(ProbeConnection connection, ConfigurationOptions configuration, CancellationToken cancellationToken)
    {
        var command = string.IsNullOrEmpty(configuration.User)
            ? Encode("AUTH", configuration.Password!)
            : Encode("AUTH", configuration.User, configuration.Password!);
        var answer = await connection.CallAsync(command, cancellationToken).ConfigureAwait(false);
        var refused = answer.IsError
            && (Judge(answer).Outcome == ProbeOutcome.Misconfigured || answer.Text.StartsWith("ERR invalid password", StringComparison.Ordinal));
        return refused ? new ProbeResult(ProbeOutcome.Misconfigured, answer.Text) : null;
    }

    private async ValueTask DropAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
