namespace RingKeeper.ZooKeeper.Session;

/// <summary>Maps the paths of the caller onto the subtree the client is confined to, and back.</summary>
internal readonly struct Chroot(string path)
{
    /// <summary>The configuration of the ensemble, which no chroot hides.</summary>
    public const string ConfigPath = "/zookeeper/config";

    // What stands for it among the paths of a caller who has a chroot: no path of his, for it has no slash in front.
    private const string ConfigAlias = "zookeeper/config";

    // "" when there is none, otherwise a valid path without a trailing slash.
    private readonly string? _prefix = path == "/" ? "" : path;

    public static Chroot None => new("/");

    public bool IsNone => Prefix.Length == 0;

    public string Prefix => _prefix ?? "";

    /// <summary>The configuration of the ensemble among the paths that are watched.</summary>
    public string ConfigKey => ToClient(ConfigPath)!;

    /// <summary>The path to tell for one that is watched.</summary>
    public static string ToTold(string path) => path == ConfigAlias ? ConfigPath : path;

    /// <summary>The path as the server knows it. With <paramref name="sequential"/> the server appends a number, so that a root stays a folder.</summary>
    public string ToServer(string path, bool sequential = false) =>
        IsNone ? path
        : path == "/" && !sequential ? Prefix
        : path == ConfigAlias ? ConfigPath
        : Prefix + path;

    /// <summary>The path of a znode created here, as the caller knows it.</summary>
    /// <exception cref="ProtocolViolationException">It lies outside.</exception>
    public string ToClientCreated(string? path) => path is not null && ToClient(path) is { } created
        ? created
        : throw new ProtocolViolationException($"The server says that it created '{path}', which is not below the chroot '{Prefix}'.");

    /// <summary>The path as the caller knows it, or null when it lies outside.</summary>
    public string? ToClient(string path)
    {
        if (IsNone)
        {
            return path;
        }

        if (!path.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return path == ConfigPath ? ConfigAlias : null;
        }

        return path.Length == Prefix.Length ? "/" : path[Prefix.Length] == '/' ? path[Prefix.Length..] : null;
    }
}
