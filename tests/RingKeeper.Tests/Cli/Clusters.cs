using System.Text;
using System.Text.Json;
using CsCheck;
using RingKeeper.Cli.Documents;

namespace RingKeeper.Tests.Cli;

/// <summary>Clusters as anybody may have written them, with fields of other versions and names of any characters.</summary>
internal static class Clusters
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 1, 8],
        Gen.String[Gen.Char['\u0001', '\ud7ff'], 1, 12],
        Gen.OneOf(
            "true", "no", "null", "~", "12", "1.5", "0x1f", "1:30", "2001-01-01", "-", "- a", "a: b", "a:", "#", " a ", "'", "\"", "\\", "{}", "[]", "&a", "*a", "!a", "%", "@", "`", "|", ">", "?", "\u0085", "\u2028", "\ufeff", "\ud83d\ude00",
            "10.0.0.1:6379", "[::1]:6379", ":6379", "---", "...", "a\nb", "\t", "<&>"));

    private static readonly Gen<string> Json = Gen.OneOf(
        Text.Select(text => JsonSerializer.Serialize(text)),
        Gen.OneOf("null", "true", "1.0", "1e3", "-0", "[]", "{}", "{\"b\":1, \"a\":[ 2,null]}", "{\"a\":1,\"a\":2}", "\"\\/\\u0041'\"", "\" \""));

    private static readonly Gen<TimeSpan?> Milliseconds = Gen.Int[-1, 4_000_000].Select(n => n < 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(n));

    private static readonly Gen<ZKClusterOptions> Options = Gen.Select(
        Gen.Bool,
        Gen.OneOf(Gen.OneOf([.. RingTypes.Names, "rendezvous", ""]), Text),
        Gen.OneOf(Gen.Int[1, 500].Select(n => $"{n}"), Gen.OneOf(""), Text),
        Gen.OneOf(Gen.OneOf("{}", "$$", "--"), Text).Null(),
        Gen.OneOf("murmur", "md5").Null(),
        Gen.Int[0, 9].Select(n => n == 0 ? (int?)null : n),
        Gen.Select(Gen.Int[-1, 101].Select(n => n < 0 ? (int?)null : n), Gen.OneOf(Enum.GetValues<FlapPolicy>()), Milliseconds, Milliseconds),
        Unknown("Later", "MaxDeadPercents")).Select((failover, type, parameters, tag, hash, checkers, damping, unknown) => new ZKClusterOptions
        {
            FailoverEnabled = failover, RingType = type, RingParams = parameters, HashTag = tag, KeyHash = hash, ExpectedCheckers = checkers,
            MaxDeadPercent = damping.Item1, FlapPolicy = damping.Item2, ClockTolerance = damping.Item3, WarmReturn = damping.Item4, Unknown = unknown,
        });

    private static readonly Gen<Shard> Shards = Gen.Select(Text, Text, Gen.OneOf(Gen.Const(1), Gen.Int[0, 100_000]), Gen.Bool, Unknown("Colour", "Rack"))
        .Select((name, addr, weight, drained, unknown) => new Shard(name, addr) { Weight = weight, Drained = drained, Unknown = unknown });

    /// <summary>Any cluster that can stand in ZooKeeper, also one that no manager of today would write.</summary>
    public static Gen<ClusterDocument> Any { get; } = Gen.Select(Text, Options, Shards.Array[0, 5])
        .Select((name, options, shards) => Read(new ClusterDocument(name, options, shards)));

    /// <summary>The bytes that ZooKeeper holds of it.</summary>
    public static string Bytes(ClusterDocument cluster) =>
        Encoding.UTF8.GetString(ZNodeCodec.EncodeOptions(cluster.Options)) + Encoding.UTF8.GetString(ZNodeCodec.EncodeShards(cluster.Shards));

    public static string Write(bool json, params ClusterDocument[] clusters) =>
        string.Join('\n', json ? ClusterDocumentWriter.ToJson(clusters) : clusters.SelectMany(ClusterDocumentWriter.ToYaml));

    // As it is read from ZooKeeper: half surrogate pairs, empty tags and the like are gone.
    private static ClusterDocument Read(ClusterDocument cluster) => cluster with
    {
        Name = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cluster.Name)),
        Options = ZNodeCodec.DecodeOptions("options", ZNodeCodec.EncodeOptions(cluster.Options)),
        Shards = ZNodeCodec.DecodeShards("shards", ZNodeCodec.EncodeShards(cluster.Shards)),
    };

    private static Gen<UnknownFields> Unknown(params string[] names) =>
        Gen.Select(Gen.OneOf(Gen.OneOf(names), Text), Json).Array[0, 3]
            .Select(fields => fields.Aggregate(UnknownFields.None, (unknown, field) => unknown.With(field.Item1, field.Item2)));
}
