using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RingKeeper;

/// <summary>Writes times as Go does: RFC 3339 with <c>Z</c> for UTC and no more digits of the second than it takes.</summary>
internal sealed class GoTimes : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time)
            ? time
            : throw new JsonException($"'{reader.GetString()}' is not a time in RFC 3339.");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteRawValue(
            value.ToString(value.Offset == TimeSpan.Zero ? "\\\"yyyy-MM-ddTHH:mm:ss.FFFFFFF\\Z\\\"" : "\\\"yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz\\\"", CultureInfo.InvariantCulture),
            skipInputValidation: true);
}
