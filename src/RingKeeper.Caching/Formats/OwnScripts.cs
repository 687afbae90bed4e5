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
    /// What the scripts share: <c>old</c> is the head of the copy that is there, and <c>kind</c>, <c>e1</c>, <c>e2</c>, <c>v1</c>, <c>v2</c> are its kind and the halves of its
    /// epoch and its version; <c>old</c> is empty where there is none, and <c>other</c> tells whether the other format's is.
    /// </summary>
    /// <remarks>
    /// Each write of the whole fleet runs this on a thread that the server has only one of: no function is made, the numbers of a head are taken out by one call, and numbers go to
    /// the server as texts, which is less work for it.
    /// </remarks>
    internal const string Head = """
        local old = redis.pcall('GETRANGE', KEYS[1], '0', '27')
        local other, magic, kind, e1, e2, v1, v2 = false
        if #old == 28 then
          magic, kind, e1, e2, v1, v2 = struct.unpack('>I4BxxxI4I4I4I4', old)
          if magic ~= 4149365505 then return -3 end
        elseif type(old) == 'table' then
          local held = redis.call('TYPE', KEYS[1])
          if type(held) == 'table' then held = held.ok end
          if held ~= 'zset' or redis.call('ZCARD', KEYS[1]) > 10 then return -3 end
          local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
          if tonumber(newest[2]) < 1e14 then return -3 end
          old, other = '', true
        elseif old ~= '' then
          return -3
        end

        """;

    // NX tells nothing from an empty string without asking.
    private const string Tail = """
        local new, life = ARGV[1], ARGV[2]
        local raised
        if kind then
          local f1, f2, w1, w2 = struct.unpack('>I4I4I4I4', new, 9)
          if e1 > f1 or e1 == f1 and e2 > f2 then return -1 end
          if v1 > w1 or v1 == w1 and v2 >= w2 then
            v2 = v2 + 1
            if v2 == 4294967296 then v1, v2 = (v1 + 1) % 4294967296, 0 end
            raised = struct.pack('>I4I4', v1, v2)
            new = string.sub(new, 1, 16) .. raised .. string.sub(new, 25)
          end
        elseif not other then
          local set
          if life == '' then set = redis.call('SET', KEYS[1], new, 'NX') else set = redis.call('SET', KEYS[1], new, 'PX', life, 'NX') end
          return set and 1 or -3
        end
        if other then redis.call('DEL', KEYS[1]) end
        if life == '' then redis.call('SET', KEYS[1], new) else redis.call('SET', KEYS[1], new, 'PX', life) end
        return raised or 1
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
          if not kind and not other and redis.call('EXISTS', KEYS[1]) == 1 then return -3 end
          if kind ~= 0 or string.sub(old, 9) ~= ARGV[3] then return -2 end
        elseif kind == 0 then
          local x1, x2 = struct.unpack('>I4I4', ARGV[4])
          if e1 > x1 or e1 == x1 and e2 >= x2 then return -2 end
        end

        """ + Tail;

    /// <summary>
    /// Removes what is there unless it is foreign (-3), or a mark, <see cref="CopyKind.Tombstone"/> or <see cref="CopyKind.Intent"/>, of a later epoch than ARGV[2], the eight bytes
    /// of the epoch that the caller's view writes under (-1). Gives 1 where it was a value whose epoch is not lower than ARGV[1], the eight bytes of the exact epoch of that
    /// view; else 0: there was nothing, a mark, a stale copy, or the other format's value.
    /// </summary>
    public const string Remove = Head + """
        if not kind and not other then
          if redis.call('EXISTS', KEYS[1]) == 1 then return -3 end
          return 0
        end
        local was = 0
        if kind then
          local x1, x2 = struct.unpack('>I4I4', kind == 0 and ARGV[1] or ARGV[2])
          local later = e1 > x1 or e1 == x1 and e2 > x2
          if kind ~= 0 and later then return -1 end
          if kind == 0 and (later or e1 == x1 and e2 == x2) then was = 1 end
        end
        redis.call('DEL', KEYS[1])
        return was
        """;
}
