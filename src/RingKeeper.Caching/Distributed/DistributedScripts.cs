namespace RingKeeper;

/// <summary>The scripts that only the distributed cache has. Each works on one key.</summary>
internal static class DistributedScripts
{
    /// <summary>
    /// Prolongs a copy with a sliding expiry as a read does, without giving its value away: ARGV[1] is what every copy begins with, ARGV[2] the caller's time in milliseconds.
    /// Leaves everything else alone. Gives whether it prolonged.
    /// </summary>
    public const string Touch = """
        local head = redis.pcall('GETRANGE', KEYS[1], 0, 39)
        if type(head) == 'table' or #head < 40 or string.sub(head, 1, 4) ~= ARGV[1] or string.byte(head, 5) ~= 0 or string.byte(head, 6) ~= 1 then return 0 end
        local function num(i)
          local a, b, c, d = string.byte(head, i, i + 3)
          return ((a * 256 + b) * 256 + c) * 256 + d
        end
        local window, stop = num(29), num(33) * 4294967296 + num(37)
        window = window + math.floor((window + 3) / 4)
        if stop > 0 then window = math.min(window, stop - tonumber(ARGV[2])) end
        if window < 1 then return 0 end
        return redis.call('PEXPIRE', KEYS[1], string.format('%.0f', window))
        """;

    /// <summary>Raises the mark of a tag to ARGV[1], a little-endian number, to live ARGV[2] milliseconds or for ever; a higher one stays.</summary>
    public const string Raise = """
        local old = redis.call('GET', KEYS[1])
        if old and #old == #ARGV[1] then
          for i = #old, 1, -1 do
            local a, b = string.byte(old, i), string.byte(ARGV[1], i)
            if a > b then return 0 end
            if a < b then break end
          end
        end
        if ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
        return 1
        """;
}
