using System.Net;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Opens a connection of a probe and logs in, with user, password and TLS as they are configured at that moment.</summary>
internal static class ProbeLogin
{
    /// <summary>Opens one. Where there is none, the result says why.</summary>
    /// <exception cref="ProbeException">The connection cannot be opened, or ended at once.</exception>
    public static async Task<(ProbeConnection? Connection, ProbeResult Refusal)> OpenAsync(EndPoint endPoint, Action<ConfigurationOptions>? configureRedis, CancellationToken cancellationToken)
    {
        var configuration = new ConfigurationOptions();
        try
        {
            configureRedis?.Invoke(configuration);
        }
        catch (Exception exception)
        {
            // Only the type: a message may hold what was being configured.
            return (null, new ProbeResult(ProbeOutcome.Misconfigured, $"ConfigureRedis failed with {exception.GetType().Name}"));
        }

        var connection = await ProbeConnection.OpenAsync(endPoint, configuration, cancellationToken).ConfigureAwait(false);
        if (string.IsNullOrEmpty(configuration.Password))
        {
            return (connection, default);
        }

        ProbeResult? refusal = null;
        var isReady = false;
        try
        {
            refusal = await LogInAsync(connection, configuration, cancellationToken).ConfigureAwait(false);
            isReady = refusal is null;
        }
        finally
        {
            if (!isReady)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }
        }

        return isReady ? (connection, default) : (null, refusal!.Value);
    }

    // An answer such as LOADING, or that no password is set, does not end the probe: the PING will show what it means.
    private static async Task<ProbeResult?> LogInAsync(ProbeConnection connection, ConfigurationOptions configuration, CancellationToken cancellationToken)
    {
        var command = string.IsNullOrEmpty(configuration.User)
            ? RespReply.Command("AUTH", configuration.Password!)
            : RespReply.Command("AUTH", configuration.User, configuration.Password!);
        var answer = (await connection.CallAsync([command], cancellationToken).ConfigureAwait(false))[0];
        var refused = answer.IsError
            && (PingProbe.Judge(answer).Outcome == ProbeOutcome.Misconfigured || answer.Text.StartsWith("ERR invalid password", StringComparison.Ordinal));
        return refused ? new ProbeResult(ProbeOutcome.Misconfigured, answer.Text) : null;
    }
}
