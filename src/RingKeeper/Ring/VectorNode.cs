using System.Text.Json;

namespace RingKeeper;

/// <summary>One JSON value of a vector file, with its place, so that every complaint names file, ring and field.</summary>
internal readonly struct VectorNode(string file, string place, JsonElement element)
{
    private const int MaxBytes = 64 * 1024 * 1024;

    public static JsonDocument Load(string file)
    {
        try
        {
            return JsonDocument.Parse(ReadAll(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RingKeeperException($"The vector file '{file}' cannot be read: {exception.Message} Name a readable file.", exception);
        }
        catch (JsonException exception)
        {
            throw new RingKeeperException($"The vector file '{file}' is not JSON: {exception.Message} Name a file of ring vectors.", exception);
        }
    }

    // A device or a pipe may have no end.
    private static byte[] ReadAll(string file)
    {
        using var stream = File.OpenRead(file);
        using var content = new MemoryStream();
        var chunk = new byte[64 * 1024];
        for (int read; (read = stream.Read(chunk)) > 0;)
        {
            content.Write(chunk, 0, read);
            if (content.Length > MaxBytes)
            {
                throw new RingKeeperException($"The vector file '{file}' is longer than {MaxBytes} bytes. Name a file of ring vectors.");
            }
        }

        return content.ToArray();
    }

    public VectorNode At(string nextPlace) => new(file, nextPlace, element);

    public bool Has(string field) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out _);

    public VectorNode Field(string field)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(field, out var value))
        {
            throw Malformed($"field '{field}' is missing");
        }

        return new VectorNode(file, $"{place}, field '{field}'", value);
    }

    public IReadOnlyList<VectorNode> Items()
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            throw Malformed("an array is expected");
        }

        var (name, at) = (file, place);
        return [.. element.EnumerateArray().Select((item, i) => new VectorNode(name, $"{at}[{i}]", item))];
    }

    public string Text() => element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Malformed("a string is expected");

    public int Int() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) ? value : throw Malformed("an integer is expected");

    public uint UInt() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetUInt32(out var value) ? value : throw Malformed("an unsigned 32-bit integer is expected");

    public int[] Ints() => [.. Items().Select(static item => item.Int())];

    public byte[] HexBytes()
    {
        try
        {
            return Convert.FromHexString(Text());
        }
        catch (FormatException)
        {
            throw Malformed("hexadecimal digits are expected");
        }
    }

    public RingKeeperException Malformed(string what) =>
        new($"The vector file '{file}' is malformed: {place}: {what}. Take an unchanged file of ring vectors.");
}
