using System.Text.Json.Serialization;

namespace RingKeeper;

/// <summary>The types that need no context of the caller's.</summary>
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(decimal))]
[JsonSerializable(typeof(Guid))]
[JsonSerializable(typeof(DateTimeOffset))]
[JsonSerializable(typeof(string))]
internal sealed partial class PrimitiveTypes : JsonSerializerContext;
