using System.Text.Json.Serialization;

namespace AotCheck;

internal sealed record User(string Name);

/// <summary>What a cache stores, without reflection.</summary>
[JsonSerializable(typeof(User))]
internal sealed partial class Json : JsonSerializerContext;
