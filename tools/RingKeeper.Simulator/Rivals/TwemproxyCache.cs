using RingKeeper.Simulator.Caches;

namespace RingKeeper.Simulator.Rivals;

/// <summary>twemproxy with auto_eject_hosts: two requests in a row that fail eject a shard, which is tried again after 30 s, its defaults.</summary>
internal sealed class TwemproxyCache(CacheWorld world, SimulatedClient client, IReadOnlyDictionary<string, ShardLink> links) : PlainCache(world, client, links)
{
    private const int FailureLimit = 2;

    private static readonly TimeSpan RetryTimeout = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, int> _failed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _outUntil = new(StringComparer.Ordinal);

    protected override bool IsOut(string addr) => _outUntil.GetValueOrDefault(addr) > Client.Clock.GetTimestamp();

    protected override void Note(string addr, bool isGood)
    {
        _failed[addr] = isGood ? 0 : _failed.GetValueOrDefault(addr) + 1;
        if (_failed[addr] >= FailureLimit)
        {
            _failed[addr] = 0;
            _outUntil[addr] = Client.Clock.GetTimestamp() + RetryTimeout.Ticks;
        }
    }
}
