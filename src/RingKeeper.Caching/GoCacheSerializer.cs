using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RingKeeper;

/// <summary>
/// Stores values as Go's encoding/json writes them, byte for byte: its escaping of text, its layout of floats and times, maps sorted by key, fields in any case when
/// read. Names of fields are those of the properties, as Go's are those of exported fields; attributes of System.Text.Json change them.
/// </summary>
/// <remarks>
/// Sorted are dictionaries of the type <see cref="Dictionary{TKey, TValue}"/> with keys of text, where code can be made at run time; with native AOT take a
/// <see cref="SortedDictionary{TKey, TValue}"/> with <see cref="StringComparer.Ordinal"/>.
/// </remarks>
public sealed class GoCacheSerializer : ICacheSerializer
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = GoJsonEncoder.Instance };

    private readonly JsonSerializerOptions _options;

    /// <summary>Creates a serializer.</summary>
    /// <param name="options">
    /// The options, best with a source-generated context as <see cref="JsonSerializerOptions.TypeInfoResolver"/>; copied, with escaping and layout as in Go (default: numbers,
    /// dates and the like as generated here, other types by reflection, where the application has not switched that off).
    /// </param>
    public GoCacheSerializer(JsonSerializerOptions? options = null) => _options = Adapt(options ?? new JsonSerializerOptions());

    /// <summary>Gets a serializer with all defaults.</summary>
    public static GoCacheSerializer Default { get; } = new();

    /// <inheritdoc/>
    /// <exception cref="RingKeeperException">A number is none that JSON knows.</exception>
    public void Serialize<T>(T value, IBufferWriter<byte> destination)
    {
        using var json = new Utf8JsonWriter(destination, Writing);
        JsonSerializer.Serialize(json, value, TypeOf<T>());
    }

    /// <inheritdoc/>
    public T Deserialize<T>(ReadOnlySpan<byte> source)
    {
        try
        {
            return JsonSerializer.Deserialize(source, TypeOf<T>())!;
        }
        catch (JsonException e)
        {
            throw new RingKeeperException($"A copy cannot be read as {typeof(T)}: {e.Message} Another program may store another type under this key, or bytes that are no JSON.", e);
        }
    }

    private JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T));

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where the application has reflection enabled.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only where the application has reflection enabled.")]
    private static JsonSerializerOptions Adapt(JsonSerializerOptions options)
    {
        var adapted = new JsonSerializerOptions(options) { Encoder = GoJsonEncoder.Instance, WriteIndented = false, PropertyNameCaseInsensitive = true };
        adapted.Converters.Add(new GoDoubles());
        adapted.Converters.Add(new GoFloats());
        adapted.Converters.Add(new GoTimes());
        if (RuntimeFeature.IsDynamicCodeSupported)
        {
            adapted.Converters.Add(new GoMaps());
        }

        adapted.TypeInfoResolverChain.Add(PrimitiveTypes.Default);
        if (JsonSerializer.IsReflectionEnabledByDefault)
        {
            adapted.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        }

        adapted.MakeReadOnly();
        return adapted;
    }
}
