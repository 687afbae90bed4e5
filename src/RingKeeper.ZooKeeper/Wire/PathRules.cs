namespace RingKeeper.ZooKeeper.Wire;

/// <summary>The rules for paths (PathUtils of Apache ZooKeeper).</summary>
internal static class PathRules
{
    /// <summary>Says what is wrong with a path, or null when it is valid.</summary>
    /// <param name="path">The path.</param>
    /// <param name="sequential">Whether the server appends a number, so that a trailing slash is allowed.</param>
    public static string? Flaw(string? path, bool sequential = false)
    {
        if (string.IsNullOrEmpty(path))
        {
            return "a path must not be empty";
        }

        if (path[0] != '/')
        {
            return "a path must start with '/'";
        }

        if (path.Length == 1)
        {
            return null;
        }

        if (path[^1] == '/' && !sequential)
        {
            return "a path must not end with '/'";
        }

        if (FlawOfNames(path.AsSpan(1), sequential) is { } flaw)
        {
            return flaw;
        }

        foreach (var c in path)
        {
            if (c is <= '\u001f' or (>= '\u007f' and <= '\u009f') or (>= '\ud800' and <= '\uf8ff') or >= '\ufff0')
            {
                return $"a path must not hold the character U+{(int)c:X4}";
            }
        }

        return null;
    }

    // Whatever the last name is, a number makes another one of it.
    private static string? FlawOfNames(ReadOnlySpan<char> names, bool isLastNumbered)
    {
        while (true)
        {
            var end = names.IndexOf('/');
            if (end < 0 && isLastNumbered)
            {
                return null;
            }

            var name = end < 0 ? names : names[..end];
            if (name.IsEmpty)
            {
                return "a path must not hold an empty name";
            }

            if (name is "." or "..")
            {
                return "a path must not hold '.' or '..'";
            }

            if (end < 0)
            {
                return null;
            }

            names = names[(end + 1)..];
        }
    }
}
