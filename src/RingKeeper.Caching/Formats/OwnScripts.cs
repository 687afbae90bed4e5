namespace RingKeeper;

/// <summary>
/// The scripts that write copies in RingKeeper's own format. Each works on one key, and knows no clock. Numbers of eight bytes are compared in two halves,
/// since numbers in scripts hold no more than 53 bits.
/// </summary>
internal static class OwnScripts
{
    /// <summary>What the scripts share: <c>old</c> is the head of what is there, empty where nothing is, nil where no cache wrote it.</summary>
    private const string Head = """
        local function num(s, i)
          local a, b, c, d = string.byte(s, i, i + 3)
          return ((a * 256 + b) * 256 + c) * 256 + d
        end
        local function later(s, t, i)
          local p, q = num(s, i), num(t, i)
          if p ~= q then return p > q end
          return num(s, i + 4) > num(t, i + 4)
        end
        local new = ARGV[1]
        local old = redis.pcall('GETRANGE', KEYS[1], 0, 27)
        if type(old) == 'table' then
          if redis.call('TYPE', KEYS[1]).ok ~= 'zset' then return -3 end
          old = ''
        elseif #old > 0 and (#old < 28 or string.sub(old, 1, 4) ~= string.sub(new, 1, 4)) then
          return -3
        end

        """;

    private const string Tail = """
        if #old > 0 then
          if string.sub(old, 9, 16) ~= string.sub(new, 9, 16) and later(old, new, 9) then return -1 end
          if not later(new, old, 17) then
            local high, low = num(old, 17), num(old, 21) + 1
            if low == 4294967296 then high, low = high + 1, 0 end
            local function bytes(n)
              return string.char(math.floor(n / 16777216) % 256, math.floor(n / 65536) % 256, math.floor(n / 256) % 256, n % 256)
            end
            local version = bytes(high) .. bytes(low)
            new = string.sub(new, 1, 16) .. version .. string.sub(new, 25)
            if ARGV[2] == '' then redis.call('SET', KEYS[1], new) else redis.call('SET', KEYS[1], new, 'PX', ARGV[2]) end
            return version
          end
        end
        if ARGV[2] == '' then redis.call('SET', KEYS[1], new) else redis.call('SET', KEYS[1], new, 'PX', ARGV[2]) end
        return 1
        """;

    /// <summary>
    /// Writes ARGV[1], to live ARGV[2] milliseconds or for ever. Gives 1, or the eight bytes of a version raised above the one it replaced; -1 where a copy of a
    /// later epoch is there, -3 where no cache wrote what is there.
    /// </summary>
    public const string Set = Head + Tail;

    /// <summary>
    /// The same, if what is there is what ARGV[3] names by the bytes of epoch, version and nonce; with an empty ARGV[3], if what is there is no value
    /// whose epoch reaches the writer's eight bytes in ARGV[4]. Gives -2 where it is not.
    /// </summary>
    public const string CheckAndSet = Head + """
        if ARGV[3] ~= '' then
          if #old == 0 or string.byte(old, 5) ~= 0 or string.sub(old, 9, 28) ~= ARGV[3] then return -2 end
        elseif #old > 0 and string.byte(old, 5) == 0 and not later(ARGV[4], string.sub(old, 9, 16), 1) then
          return -2
        end

        """ + Tail;
}
