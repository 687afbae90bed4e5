using System.Globalization;
using Xunit.Sdk;

namespace RingKeeper.IntegrationTests.Ring;

/// <summary>A pool of nutcracker and the ring that should place its keys alike.</summary>
public sealed record NutcrackerPool : IXunitSerializable
{
    public string? Hash { get; set; }

    public string? HashTag { get; set; }

    /// <summary>Gets or sets the weights, one for each server.</summary>
    public string Weights { get; set; } = "1,1,1";

    /// <summary>Gets or sets the servers' names; a server without one goes by its address.</summary>
    public string Names { get; set; } = "alpha,beta,gamma";

    /// <summary>Gets the shards of the same cluster; more of them than addresses share those.</summary>
    public IReadOnlyList<Shard> ShardsAt(IReadOnlyList<string> addresses)
    {
        var names = Names.Split(',');
        return [.. Weights.Split(',').Select((weight, i) => new Shard(i < names.Length && names[i].Length > 0 ? names[i] : addresses[i], addresses[i % addresses.Count])
        {
            Weight = int.Parse(weight, CultureInfo.InvariantCulture),
        })];
    }

    public IReadOnlyList<string> Settings() =>
    [
        .. Hash is null ? Array.Empty<string>() : [$"hash: {Hash}"],
        .. HashTag is null ? Array.Empty<string>() : [$"hash_tag: \"{HashTag}\""],
    ];

    /// <summary>Gets the servers as nutcracker writes them.</summary>
    public static IReadOnlyList<string> ServersOf(IReadOnlyList<Shard> shards) =>
        [.. shards.Select(shard => $"{shard.Addr}:{shard.Weight}{(shard.Name == shard.Addr ? "" : $" {shard.Name}")}")];

    public void Deserialize(IXunitSerializationInfo info)
    {
        Hash = info.GetValue<string>(nameof(Hash));
        HashTag = info.GetValue<string>(nameof(HashTag));
        Weights = info.GetValue<string>(nameof(Weights))!;
        Names = info.GetValue<string>(nameof(Names))!;
    }

    public void Serialize(IXunitSerializationInfo info)
    {
        info.AddValue(nameof(Hash), Hash);
        info.AddValue(nameof(HashTag), HashTag);
        info.AddValue(nameof(Weights), Weights);
        info.AddValue(nameof(Names), Names);
    }
}
