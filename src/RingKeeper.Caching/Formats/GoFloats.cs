using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RingKeeper;

/// <summary>Writes doubles as Go's encoding/json does.</summary>
internal sealed class GoDoubles : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
        writer.WriteRawValue(GoNumbers.Format(value.ToString("R", CultureInfo.InvariantCulture)), skipInputValidation: true);
}

/// <summary>Writes floats as Go's encoding/json does.</summary>
internal sealed class GoFloats : JsonConverter<float>
{
    public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetSingle();

    public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options) =>
        writer.WriteRawValue(GoNumbers.Format(value.ToString("R", CultureInfo.InvariantCulture)), skipInputValidation: true);
}

/// <summary>Lays digits out as Go's encoding/json does: plain from 1e-6 to below 1e21, otherwise with an exponent without leading zeros. Pure.</summary>
internal static class GoNumbers
{
    /// <summary>Lays a number out.</summary>
    /// <param name="shortest">The number with as few digits as tell it from its neighbours, as .NET writes it.</param>
    public static string Format(string shortest)
    {
        if (shortest is "NaN" or "Infinity" or "-Infinity")
        {
            throw new RingKeeperException($"{shortest} cannot be stored: JSON has no such number, and Go's encoding/json refuses it too.");
        }

        var sign = shortest[0] == '-' ? "-" : "";
        var parts = shortest[sign.Length..].Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? parts[0] : parts[0][..point];
        var digits = point < 0 ? whole : whole + parts[0][(point + 1)..];

        // The number is 0.DIGITS times ten to this.
        var exponent = whole.Length + (parts.Length == 2 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0);
        var leading = digits.Length - digits.TrimStart('0').Length;
        (digits, exponent) = (digits.Trim('0'), exponent - leading);
        if (digits.Length == 0)
        {
            return $"{sign}0";
        }

        return sign + exponent switch
        {
            <= -6 or > 21 => $"{digits[0]}{(digits.Length > 1 ? $".{digits[1..]}" : "")}e{(exponent > 0 ? "+" : "-")}{Math.Abs(exponent - 1)}",
            <= 0 => $"0.{new string('0', -exponent)}{digits}",
            _ when digits.Length <= exponent => digits.PadRight(exponent, '0'),
            _ => $"{digits[..exponent]}.{digits[exponent..]}",
        };
    }
}
