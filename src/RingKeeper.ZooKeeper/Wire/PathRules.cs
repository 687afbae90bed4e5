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

        var checkedPath = sequential ? path + "1" : path;
        if (checkedPath.Length == 1)
        {
            return null;
        }

        if (checkedPath[^1] == '/')
        {
            return "a path must not end with '/'";
        }

        foreach (var segment in checkedPath[1..].Split('/'))
        {
            if (segment.Length == 0)
            {
                return "a path must not hold an empty name";
            }

            if (segment is "." or "..")
            {
                return "a path must not hold '.' or '..'";
            }
        }

        foreach (var c in checkedPath)
        {
            if (c is <= '\u001f' or (>= '\u007f' and <= '\u009f') or (>= '\ud800' and <= '\uf8ff') or >= '\ufff0')
            {
                return $"a path must not hold the character U+{(int)c:X4}";
            }
        }

        return null;
    }
}
