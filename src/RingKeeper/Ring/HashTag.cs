namespace RingKeeper;

/// <summary>Two characters: the text between the first of them and the next of the other, if there is any, is hashed instead of the whole key.</summary>
internal readonly record struct HashTag(byte Open, byte Close)
{
    /// <summary>Reads an option; null or empty is no tag.</summary>
    /// <exception cref="RingKeeperException">There are not two printable characters of ASCII.</exception>
    public static HashTag? Parse(string? text) => text switch
    {
        null or "" => null,
        [> ' ' and < '\x7f' and var open, > ' ' and < '\x7f' and var close] => new HashTag((byte)open, (byte)close),
        _ => throw new RingKeeperException($"HashTag '{text}' is not allowed: give two printable characters of ASCII, such as {{}}, or leave it out."),
    };

    public ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf(Open);
        if (open < 0)
        {
            return key;
        }

        var rest = key[(open + 1)..];
        var length = rest.IndexOf(Close);
        return length > 0 ? rest[..length] : key;
    }
}
