namespace RingKeeper;

/// <summary>
/// The scripts that write copies in RingKeeper's own format. Each works on one key and knows no clock. Epochs and versions are unsigned numbers of eight bytes, compared in
/// two halves, since numbers in scripts hold no more than 53 bits.
/// </summary>
/// <remarks>
/// What is there is one of: nothing; a copy, of any <see cref="CopyKind"/>; a cache value in the format of the Go package, told by a sorted set of at most ten members whose
/// greatest score is a time in µs (1e14, March 1973, or later); or foreign: anything else, an empty string too. A script that gives a negative number has changed nothing.
/// </remarks>
internal static class OwnScripts
{
    /// <summary>A copy of a later epoch than the writer's is there.</summary>
    public const int StaleView = -1;

    /// <summary>What is there is not what the token names.</summary>
    public const int Changed = -2;

    /// <summary>What is there was written by no cache.</summary>
    public const int Foreign = -3;

    /// <summary>
    /// What the scripts share: <c>old</c> is the head of the copy that is there; empty where there is none, and <c>other</c> tells whether the other format's is.
    /// </summary>
    internal const string Head = """
        local function num(s, i)
          local a, b, c, d = string.byte(s, i, i + 3)
          return ((a * 256 + b) * 256 + c) * 256 + d
        end
        local function later(s, i, t, j)
          local p, q = num(s, i), num(t, j)
          if p ~= q then return p > q end
          return num(s, i + 4) > num(t, j + 4)
        end
        local old = redis.pcall('GETRANGE', KEYS[1], 0, 27)
        local other = type(old) == 'table'
        if other then
          local kind = redis.call('TYPE', KEYS[1])
          if type(kind) == 'table' then kind = kind.ok end
          if kind ~= 'zset' or redis.call('ZCARD', KEYS[1]) > 10 then return -3 end
          local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
          if tonumber(newest[2]) < 1e14 then return -3 end
          old = ''
        elseif #old > 0 and (#old < 28 or string.sub(old, 1, 4) ~= '\247RK\1') then
          return -3
        end

        """;

    // NX tells nothing from an empty string without asking.
    private const string Tail = """
        local new = ARGV[1]
        local raised = false
        if #old > 0 then
          if string.sub(old, 9, 16) ~= string.sub(new, 9, 16) and later(old, 9, new, 9) then return -1 end
          if not later(new, 17, old, 17) then
            local high, low = num(old, 17), num(old, 21) + 1
            if low == 4294967296 then high, low = high + 1, 0 end
            local function bytes(n)
              return string.char(math.floor(n / 16777216) % 256, math.floor(n / 65536) % 256, math.floor(n / 256) % 256, n % 256)
            end
            raised = bytes(high) .. bytes(low)
            new = string.sub(new, 1, 16) .. raised .. string.sub(new, 25)
          end
        elseif not other then
          local set
          if ARGV[2] == '' then set = redis.call('SET', KEYS[1], new, 'NX') else set = redis.call('SET', KEYS[1], new, 'PX', ARGV[2], 'NX') end
          if set then return 1 end
          return -3
        end
        if other then redis.call('DEL', KEYS[1]) end
        if ARGV[2] == '' then redis.call('SET', KEYS[1], new) else redis.call('SET', KEYS[1], new, 'PX', ARGV[2]) end
        if raised then return raised end
        return 1
        """;

    /// <summary>
    /// Writes ARGV[1], a whole copy, to live ARGV[2] milliseconds, or for ever where that is empty. In this order: -3 (<see cref="Foreign"/>) where what is there is foreign;
    /// -1 (<see cref="StaleView"/>) where a copy of a later epoch is there, of whatever kind; else it is written. Where the version of the copy that it replaces is not lower,
    /// the new one gets that version plus one, and the script gives its eight bytes; else it gives 1.
    /// </summary>
    public const string Set = Head + Tail;

    /// <summary>
    /// The same, with one more rule after the foreign one: -2 (<see cref="Changed"/>) unless ARGV[3], the bytes of epoch, version and nonce, names what is there, which must be
    /// a value. With an empty ARGV[3], -2 if what is there is a value whose epoch is not lower than ARGV[4], the eight bytes of the exact epoch of the writer's view; the marks
    /// <see cref="CopyKind.Tombstone"/> and <see cref="CopyKind.Intent"/>, stale copies and the other format's values count as nothing.
    /// </summary>
    public const string CheckAndSet = Head + """
        if ARGV[3] ~= '' then
          if #old == 0 or string.byte(old, 5) ~= 0 or string.sub(old, 9, 28) ~= ARGV[3] then return -2 end
        elseif #old > 0 and string.byte(old, 5) == 0 and not later(ARGV[4], 1, old, 9) then
          return -2
        end

        """ + Tail;

    /// <summary>
    /// Removes what is there unless it is foreign (-3), or a mark, <see cref="CopyKind.Tombstone"/> or <see cref="CopyKind.Intent"/>, of a later epoch than ARGV[2], the eight bytes
    /// of the epoch that the caller's view writes under (-1). Gives 1 where it was a value whose epoch is not lower than ARGV[1], the eight bytes of the exact epoch of that
    /// view; else 0: there was nothing, a mark, a stale copy, or the other format's value.
    /// </summary>
    public const string Remove = Head + """
        if #old == 0 and not other then
          if redis.call('EXISTS', KEYS[1]) == 1 then return -3 end
          return 0
        end
        if #old > 0 and string.byte(old, 5) ~= 0 and later(old, 9, ARGV[2], 1) then return -1 end
        redis.call('DEL', KEYS[1])
        if #old > 0 and string.byte(old, 5) == 0 and not later(ARGV[1], 1, old, 9) then return 1 end
        return 0
        """;
}
