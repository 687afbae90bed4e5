using System.Collections.Immutable;
using System.Text;
using StackExchange.Redis;

namespace RingKeeper.Simulator.Caches;

/// <summary>What a simulated shard holds: it outlives the server as far as the draw of the restart says.</summary>
internal sealed class SimulatedRedis
{
    private static readonly TimeSpan SnapshotInterval = TimeSpan.FromSeconds(4);
    private const int Snapshots = 4;

    private readonly Agenda _agenda;
    private readonly CacheWorld _world;
    private readonly Random _random;
    private readonly Queue<Dictionary<string, Stored>> _snapshots = new();
    private readonly Queue<Action> _waiting = new();
    private Dictionary<string, Stored> _data = new(StringComparer.Ordinal);
    private string _run;

    public SimulatedRedis(CacheWorld world, Agenda agenda, SimulatedShard shard, Random random)
    {
        (_world, _agenda, Shard, _random, _run) = (world, agenda, shard, random, shard.RunId);
        shard.Changed = OnChanged;
        TakeSnapshot();
    }

    public SimulatedShard Shard { get; }

    /// <summary>When it last came up with other data than it had.</summary>
    public long LostDataAt { get; private set; } = -1;

    /// <summary>The connections to it.</summary>
    public List<ShardLink> Links { get; } = [];

    /// <summary>Runs what arrived: at once, or when it hangs no more.</summary>
    public void Arrive(Action run)
    {
        if (Shard.State == ShardState.Hung)
        {
            _waiting.Enqueue(run);
        }
        else
        {
            run();
        }
    }

    public RedisValue Get(string key)
    {
        var stored = Find(key);
        _world.Oracle.NoteRead();
        return stored is null ? RedisValue.Null : stored.Value.Bytes;
    }

    /// <summary>How long a key lives on; null for ever, or where it is not there.</summary>
    public TimeSpan? LifeOf(string key) => Find(key) is { Ends: < long.MaxValue } stored ? TimeSpan.FromTicks(stored.Ends - _agenda.Now) : null;

    public RedisResult Remove(string key, byte[] least, byte[] epoch)
    {
        var result = ScriptModel.Remove(Find(key)?.Bytes, least, epoch);
        if (result >= 0)
        {
            _data.Remove(key);
            _world.Oracle.NoteRemoval(Shard.Addr);
        }

        return RedisResult.Create((RedisValue)result, ResultType.Integer);
    }

    public bool Expire(string key, TimeSpan? life)
    {
        if (Find(key) is not { } stored)
        {
            return false;
        }

        Put(key, stored.Bytes, life is { } time ? (long)time.TotalMilliseconds : null);
        return true;
    }

    public RedisResult Run(string script, string key, byte[] copy, RedisValue life, byte[] token, byte[] least)
    {
        var before = Find(key)?.Bytes;
        var isMark = CopyHeader.TryRead(copy, out var header) && header.Kind != CopyKind.Value;
        var reply = isMark && script == OwnScripts.Set && _world.Flaws.HasFlag(ScriptFlaws.TombstonesAreForgotten)
            ? new ScriptReply(1, null, null)
            : ScriptModel.Run(script, before, copy, token, least, _world.Flaws);
        if (reply.Stored is { } stored)
        {
            Put(key, stored, life.IsNullOrEmpty ? null : (long)life);
            if (script == WarmScripts.Fill)
            {
                _world.Oracle.JudgeFill(Shard.Addr, stored);
            }
            else if (!isMark)
            {
                _world.Oracle.NoteWrite(Shard.Addr, before ?? [], stored);
            }
        }

        return reply.Version is { } version ? RedisResult.Create((RedisValue)version) : RedisResult.Create((RedisValue)reply.Code, ResultType.Integer);
    }

    /// <summary>The newest member of a sorted set.</summary>
    public SortedSetEntry[] Newest(string key)
    {
        _world.Oracle.NoteRead();
        return Find(key) is { Members: [var newest, ..] } ? [newest] : [];
    }

    /// <summary>A plain DEL.</summary>
    public bool Delete(string key)
    {
        var wasThere = Find(key) is not null;
        _data.Remove(key);
        _world.Oracle.NoteRemoval(Shard.Addr);
        return wasThere;
    }

    /// <summary>What its clock says, which is right.</summary>
    public RedisResult Time()
    {
        var (seconds, rest) = Math.DivRem((ProcessClock.Start - DateTimeOffset.UnixEpoch).Ticks + _agenda.Now, TimeSpan.TicksPerSecond);
        return RedisResult.Create([(RedisValue)seconds, rest / TimeSpan.TicksPerMicrosecond]);
    }

    /// <summary>Runs a script of the Go package's format.</summary>
    public RedisResult RunGoreLib(string script, string key, RedisValue[] values)
    {
        ImmutableArray<SortedSetEntry> before = Find(key)?.Members ?? [];
        var reply = GoreLibModel.Run(script, text: null, before, values);
        if (reply.Serial is null)
        {
            return RedisResult.Create((RedisValue)reply.Code, ResultType.Integer);
        }

        _data[key] = new Stored([], EndOf(values[4].IsNullOrEmpty ? null : (long)values[4])) { Members = reply.Members };
        _world.Oracle.NoteGoreLibWrite(Shard.Addr, before is [var newest, ..] ? (byte[])newest.Element! : [], (byte[])values[0]!);
        return RedisResult.Create((RedisValue)reply.Serial);
    }

    /// <summary>A plain GET, as programs without epochs read.</summary>
    public byte[]? Read(byte[] key)
    {
        _world.Oracle.NoteRead();
        return Find(Encoding.Latin1.GetString(key))?.Bytes;
    }

    /// <summary>A plain SET, as programs without epochs write.</summary>
    public bool Set(byte[] key, byte[] bytes)
    {
        Put(Encoding.Latin1.GetString(key), bytes, null);
        _world.Oracle.NoteWrite(Shard.Addr, [], bytes);
        return true;
    }

    /// <summary>Evicts some keys.</summary>
    public void Evict()
    {
        foreach (var key in _data.Keys.Where(_ => _random.Next(3) == 0).ToList())
        {
            _data.Remove(key);
        }
    }

    private Stored? Find(string key)
    {
        if (!_data.TryGetValue(key, out var stored))
        {
            return null;
        }

        if (stored.Ends <= _agenda.Now)
        {
            _data.Remove(key);
            return null;
        }

        return stored;
    }

    private void Put(string key, byte[] bytes, long? milliseconds) =>
        _data[key] = new Stored(bytes, EndOf(milliseconds));

    private long EndOf(long? milliseconds) => milliseconds is { } life ? _agenda.Now + (life * TimeSpan.TicksPerMillisecond) : long.MaxValue;

    private void OnChanged()
    {
        if (Shard.RunId != _run)
        {
            _run = Shard.RunId;
            _waiting.Clear();
            Restore();
        }

        if (Shard.State == ShardState.Down)
        {
            _waiting.Clear();
        }

        while (Shard.State != ShardState.Hung && _waiting.TryDequeue(out var next))
        {
            next();
        }

        foreach (var link in Links)
        {
            link.OnShardChanged();
        }
    }

    private void Restore()
    {
        switch (_random.Next(3))
        {
            case 0:
                _world.Count(FaultKind.DataKept);
                break;
            case 1:
                _world.Count(FaultKind.DataLost);
                LostDataAt = _agenda.Now;
                _data.Clear();
                break;
            default:
                _world.Count(FaultKind.DataRolledBack);
                LostDataAt = _agenda.Now;
                _data = new Dictionary<string, Stored>(_snapshots.ElementAt(_random.Next(_snapshots.Count)), StringComparer.Ordinal);
                break;
        }
    }

    private void TakeSnapshot()
    {
        _snapshots.Enqueue(new Dictionary<string, Stored>(_data, StringComparer.Ordinal));
        if (_snapshots.Count > Snapshots)
        {
            _snapshots.Dequeue();
        }

        _agenda.After(SnapshotInterval * (0.5 + _random.NextDouble()), TakeSnapshot);
    }

    private readonly record struct Stored(byte[] Bytes, long Ends)
    {
        /// <summary>A sorted set's, newest first.</summary>
        public ImmutableArray<SortedSetEntry> Members { get; init; } = [];
    }
}
