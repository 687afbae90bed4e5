using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RingKeeper;

/// <summary>Stores values as JSON, by System.Text.Json.</summary>
/// <param name="options">
/// The options, best with a source-generated context as <see cref="JsonSerializerOptions.TypeInfoResolver"/> (default: numbers, dates and the like as generated here, other types
/// by reflection, where the application has not switched that off).
/// </param>
public sealed class JsonCacheSerializer(JsonSerializerOptions? options = null) : ICacheSerializer
{
    private readonly JsonSerializerOptions _options = options ?? Standard;

    private static JsonSerializerOptions Standard { get; } = CreateStandard();

    /// <inheritdoc/>
    public void Serialize<T>(T value, IBufferWriter<byte> destination)
    {
        using var json = new Utf8JsonWriter(destination);
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
            throw new RingKeeperException($"A copy cannot be read as {typeof(T)}: {e.Message} Another program may store another type under this key.", e);
        }
    }

    private JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T));

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where the application has reflection enabled.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only where the application has reflection enabled.")]
    private static JsonSerializerOptions CreateStandard()
    {
        var options = new JsonSerializerOptions { TypeInfoResolver = PrimitiveTypes.Default };
        if (JsonSerializer.IsReflectionEnabledByDefault)
        {
            options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        }

        options.MakeReadOnly();
        return options;
    }
}
