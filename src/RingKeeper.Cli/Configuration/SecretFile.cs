using Microsoft.Win32.SafeHandles;

namespace RingKeeper.Cli.Configuration;

/// <summary>Refuses a file with secrets that others on this machine may read or change.</summary>
internal static class SecretFile
{
    private const UnixFileMode ForOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <exception cref="CliUsageException">Others may read or change it; says what to run.</exception>
    public static void Require(string path, SafeFileHandle file, Func<string, string?> getVariable)
    {
        // Windows keeps a user's files from others by default, and has no modes to look at.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var credentials = getVariable("CREDENTIALS_DIRECTORY");
        var isCredential = !string.IsNullOrEmpty(credentials) && Path.GetDirectoryName(Path.GetFullPath(path)) == Path.GetFullPath(credentials);
        if (Flaw(path, File.GetUnixFileMode(file), FileOwner.Of(file), FileOwner.Current, isCredential) is { } flaw)
        {
            throw new CliUsageException(flaw);
        }
    }

    /// <summary>Says what is wrong, or null. Pure.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Its mode.</param>
    /// <param name="owner">Its owner; null where that cannot be known.</param>
    /// <param name="user">The user of this process.</param>
    /// <param name="isCredential">Whether systemd gave it to this service: it shows an access list for the service's user as a right of the group.</param>
    public static string? Flaw(string path, UnixFileMode mode, uint? owner, uint? user, bool isCredential)
    {
        var open = mode & (isCredential ? ForOthers & ~UnixFileMode.GroupRead : ForOthers);
        if (open != UnixFileMode.None)
        {
            return $"The configuration file {path} holds a password, and others on this machine may read or change it (mode {Convert.ToString((int)mode, 8)}). Run: chmod 600 {Quote(path)}";
        }

        return owner is null or 0 || owner == user
            ? null
            : $"The configuration file {path} holds a password and belongs to the user with id {owner}, who is neither root nor the user of this process. Run as root: chown {user} {Quote(path)}";
    }

    private static string Quote(string path) =>
        path.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-') ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
