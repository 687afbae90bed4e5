namespace RingKeeper;

/// <summary>
/// The scripts that write copies in the format of the Go package. Each works on one key. Serials have 16 digits, which <c>tostring</c> and <c>..</c> would
/// round; they become text by <c>%.0f</c> alone.
/// </summary>
internal static class GoreLibScripts
{
    /// <summary>What the scripts share: <c>stored</c> is the newest serial, nil where there is none; <c>replaced</c> tells that a copy in RingKeeper's own format is there.</summary>
    private const string Head = """
        local top = redis.pcall('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
        local replaced = false
        if top.err then
          local head = redis.pcall('GETRANGE', KEYS[1], 0, 27)
          if type(head) ~= 'string' or #head < 28 or string.sub(head, 1, 4) ~= ARGV[6] then return -3 end
          replaced = true
          top = {}
        end
        local stored = nil
        if top[2] then
          stored = tonumber(top[2]) or math.huge
        end

        """;

    private const string Tail = """
        local serial = math.max(tonumber(ARGV[2]), tonumber(ARGV[3]))
        if stored then
          if stored > tonumber(ARGV[4]) then return -1 end
          if stored >= serial then serial = math.floor(stored) + 1 end
        end
        if replaced then redis.call('DEL', KEYS[1]) end
        local text = string.format('%.0f', serial)
        redis.call('ZADD', KEYS[1], text, ARGV[1])
        redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -11)
        if ARGV[5] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
        return text
        """;

    /// <summary>
    /// Adds ARGV[1] as the newest member, under the largest of the writer's clock ARGV[2], the least serial that is valid ARGV[3], and the newest serial there + 1;
    /// keeps the ten newest, to live ARGV[5] milliseconds or for ever. Gives the serial; -1 where the newest there is above ARGV[4], -3 where neither
    /// format's cache, told by the first bytes ARGV[6], wrote what is there.
    /// </summary>
    public const string Set = Head + Tail;

    /// <summary>The same, if no serial there is above ARGV[7]; where ARGV[8] is 1, not in place of a copy in RingKeeper's own format. Gives -2 where it is not.</summary>
    public const string CheckAndSet = Head + """
        if stored and stored > tonumber(ARGV[7]) then return -2 end
        if replaced and ARGV[8] == '1' then return -2 end

        """ + Tail;
}
