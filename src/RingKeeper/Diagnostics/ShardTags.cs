using System.Net;
using System.Runtime.CompilerServices;

namespace RingKeeper;

/// <summary>A shard as telemetry names it, made once for each.</summary>
internal sealed class ShardTags
{
    private static readonly ConditionalWeakTable<Shard, ShardTags> Known = [];

    private ShardTags(Shard shard)
    {
        Name = shard.Name;
        if (ShardAddress.TryParse(shard.Addr, out var endPoint))
        {
            (Host, Port) = endPoint switch
            {
                IPEndPoint ip => (ip.Address.ToString(), ip.Port),
                DnsEndPoint dns => (dns.Host, (object)dns.Port),
                _ => (null, null),
            };
        }
    }

    public string Name { get; }

    /// <summary>The name or address of its host; null where its address cannot be read.</summary>
    public string? Host { get; }

    /// <summary>The port, boxed once; null where its address cannot be read.</summary>
    public object? Port { get; }

    public static ShardTags Of(Shard shard) => Known.GetValue(shard, static shard => new ShardTags(shard));
}
