using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace RingKeeper.Dashboard;

/// <summary>The tags of a measurement as a key, compared in their order, so that looking a series up allocates nothing.</summary>
/// <param name="tags">The tags.</param>
internal readonly struct TagKey(KeyValuePair<string, object?>[] tags)
{
    public ReadOnlySpan<KeyValuePair<string, object?>> Tags => tags;
}

/// <summary>Compares tags, and writes them as labels. Pure.</summary>
internal sealed class PrometheusLabels : IEqualityComparer<TagKey>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, TagKey>
{
    public bool Equals(TagKey x, TagKey y) => Equals(x.Tags, y);

    public int GetHashCode([DisallowNull] TagKey obj) => GetHashCode(obj.Tags);

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, TagKey other)
    {
        var tags = other.Tags;
        if (alternate.Length != tags.Length)
        {
            return false;
        }

        for (var i = 0; i < tags.Length; i++)
        {
            if (alternate[i].Key != tags[i].Key || !Equals(alternate[i].Value, tags[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var hash = default(HashCode);
        foreach (var (key, value) in alternate)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    public TagKey Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => new(alternate.ToArray());

    /// <summary>Writes tags as labels, in the order of their names. A tag without a value is none; of tags that become one label the values are joined.</summary>
    public static string Write(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            var (name, text) = (PrometheusName.OfLabel(key), TextOf(value));
            if (text.Length > 0)
            {
                labels[name] = labels.TryGetValue(name, out var other) ? $"{other};{text}" : text;
            }
        }

        return string.Join(',', labels.Select(static label => $"{label.Key}=\"{Escape(label.Value)}\""));
    }

    /// <summary>Escapes a label's value, or with <paramref name="quotes"/> off the text of a help.</summary>
    public static string Escape(string text, bool quotes = true)
    {
        var escaped = new StringBuilder(text.Length).Append(text).Replace("\\", "\\\\").Replace("\n", "\\n");
        return (quotes ? escaped.Replace("\"", "\\\"") : escaped).ToString();
    }

    private static string TextOf(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
