using System.Globalization;
using StackExchange.Redis;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The Go package's cache as a program of it uses one shard: what it sends, by the observed behaviour, and what it makes of the answers.</summary>
internal sealed class GoProgram(IDatabase database)
{
    private const string Put = """
        redis.call('ZADD', KEYS[1], serial, ARGV[1])
        redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -11)
        if tonumber(seconds) > 0 then redis.call('EXPIRE', KEYS[1], seconds) end
        return serial
        """;

    private const string SetScript = """
        local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
        local serial, seconds = ARGV[2], ARGV[3]
        if newest[2] and tonumber(newest[2]) > tonumber(serial) then return false end

        """ + Put;

    private const string CheckAndSetScript = """
        local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
        local serial, seconds = ARGV[3], ARGV[4]
        if newest[2] and (tonumber(newest[2]) > tonumber(ARGV[2]) or tonumber(newest[2]) > tonumber(serial)) then return false end

        """ + Put;

    /// <summary>Get: the newest member and its serial; null is its error "No key".</summary>
    public async Task<(string Value, long Serial)?> GetAsync(string key, long validSince)
    {
        var newest = (RedisResult[])(await database.ExecuteAsync("ZREVRANGE", Bytes(key), 0, 0, "WITHSCORES"))!;

        // With the third protocol, pairs come as pairs.
        var (member, text) = newest switch
        {
            [] => (null, "0"),
            [var pair] => ((string?)pair[0], (string?)pair[1]!),
            _ => ((string?)newest[0], (string?)newest[1]!),
        };
        var score = double.Parse(text!, CultureInfo.InvariantCulture);
        return member is not null && score > validSince ? (member, (long)Math.Floor(score)) : null;
    }

    /// <summary>Set: whether it was not refused.</summary>
    public async Task<bool> SetAsync(string key, RedisValue value, long serial, int seconds = 60) =>
        !(await database.ScriptEvaluateAsync(SetScript, [Bytes(key)], [value, serial, seconds])).IsNull;

    /// <summary>CheckAndSet: whether it was not refused.</summary>
    public async Task<bool> CheckAndSetAsync(string key, RedisValue value, long oldSerial, long serial, int seconds = 60) =>
        !(await database.ScriptEvaluateAsync(CheckAndSetScript, [Bytes(key)], [value, oldSerial, serial, seconds])).IsNull;

    // What a Go program marshalled: its bytes as they are.
    private static RedisKey Bytes(string key) => System.Text.Encoding.UTF8.GetBytes(key);
}
