using System.Globalization;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Asks shards for INFO, over a connection of its own each time, as a checker's probe does. The Redis user needs <c>+info</c>.</summary>
/// <param name="configureRedis">Sets user, password and TLS, or null.</param>
/// <param name="time">The source of time.</param>
internal sealed class ShardFactsReader(Action<ConfigurationOptions>? configureRedis, TimeProvider time)
{
    private static readonly byte[] Ask = RespReply.Command("INFO");

    /// <summary>Asks one server.</summary>
    /// <param name="addr">The shard's address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RingKeeperException">The address cannot be read, or the server cannot be asked; the message says why, without a secret.</exception>
    public async Task<ShardFacts> ReadAsync(string addr, CancellationToken cancellationToken)
    {
        var endPoint = ShardAddress.Parse(addr);
        var (connection, refusal) = await ProbeLogin.OpenAsync(endPoint, configureRedis, cancellationToken).ConfigureAwait(false);
        if (connection is null)
        {
            throw new ProbeException(refusal.Outcome, $"{addr} turned this connection away: {refusal.Detail}");
        }

        await using (connection.ConfigureAwait(false))
        {
            var (sent, start) = (time.GetUtcNow(), time.GetTimestamp());
            var answer = (await connection.CallAsync([Ask], cancellationToken).ConfigureAwait(false))[0];
            var roundTrip = time.GetElapsedTime(start);
            if (answer.IsError || !answer.IsBulk)
            {
                throw new ProbeException(answer.IsError ? PingProbe.Judge(answer).Outcome : ProbeOutcome.Garbage, $"{addr} does not answer INFO: {answer.Text}; give this user +info");
            }

            var fields = ShardFacts.Parse(answer.Text);
            return new ShardFacts(addr, fields, ClockOf(fields, sent, roundTrip), roundTrip);
        }
    }

    // Servers from Redis 7 on tell their time along; cut down to a microsecond.
    private static ClockReading? ClockOf(IReadOnlyDictionary<string, string> fields, DateTimeOffset sent, TimeSpan roundTrip) =>
        fields.TryGetValue("server_time_usec", out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var microseconds) && microseconds is > 0 and < 253_402_300_800_000_000
            ? ClockReading.OfRoundTrip(sent, roundTrip, DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.FromMicroseconds(1))
            : null;
}
