using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>Fields of a JSON object that this version does not know, as raw JSON in the order of their names; equal by content.</summary>
internal sealed class UnknownFields : IEquatable<UnknownFields>
{
    public static readonly UnknownFields None = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    private readonly ImmutableSortedDictionary<string, string> _fields;

    private UnknownFields(ImmutableSortedDictionary<string, string> fields) => _fields = fields;

    public IEnumerable<KeyValuePair<string, string>> InOrder => _fields;

    public UnknownFields With(string name, string json) => new(_fields.SetItem(name, json));

    public bool Equals(UnknownFields? other) => other is not null && _fields.SequenceEqual(other._fields);

    public override bool Equals(object? obj) => Equals(obj as UnknownFields);

    public override int GetHashCode() => _fields.Count;
}
