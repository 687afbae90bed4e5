namespace RingKeeper;

/// <summary>
/// The scripts that fill a miss from another shard, in two steps on the shard that serves the key: an intent is left where nothing valid is, and only in
/// that intent's place the copy is put. Whatever is written or removed in between takes the intent away, also if it is evicted at once.
/// </summary>
internal static class WarmScripts
{
    /// <summary>
    /// Leaves ARGV[1], an intent, for ARGV[2] milliseconds. Gives 1; -1 where a copy of a later epoch is there; -2 where a value, an intent or a tombstone is there whose epoch
    /// is not lower than ARGV[3], the eight bytes of the exact epoch of the caller's view; -3 where what is there was written by no cache.
    /// </summary>
    public const string Intend = OwnScripts.Head + """
        local new = ARGV[1]
        if other then return -3 end
        if not kind then
          if redis.call('SET', KEYS[1], new, 'PX', ARGV[2], 'NX') then return 1 end
          return -3
        end
        local f1, f2 = struct.unpack('>I4I4', new, 9)
        if e1 > f1 or e1 == f1 and e2 > f2 then return -1 end
        local x1, x2 = struct.unpack('>I4I4', ARGV[3])
        if e1 > x1 or e1 == x1 and e2 >= x2 then return -2 end
        redis.call('SET', KEYS[1], new, 'PX', ARGV[2])
        return 1
        """;

    /// <summary>
    /// Puts ARGV[1], a whole copy, to live ARGV[2] milliseconds or for ever where that is empty, in the place of the intent whose head is ARGV[3]. Gives 1, or -2 where that
    /// intent is not there.
    /// </summary>
    public const string Fill = """
        local old = redis.pcall('GETRANGE', KEYS[1], 0, 27)
        if old ~= ARGV[3] then return -2 end
        if ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
        return 1
        """;
}
