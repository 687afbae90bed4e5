namespace RingKeeper;

/// <summary>What a server says of itself in answer to INFO.</summary>
internal static class ServerInfo
{
    public static readonly byte[] AskServer = RespReply.Command("INFO", "server");
    public static readonly byte[] AskReplication = RespReply.Command("INFO", "replication");

    // Redis' is 40 hexadecimal digits; others may name their runs otherwise, but not by a page of text.
    private const int MostOfRunId = 64;

    /// <summary>The <c>run_id</c>; null where the text has none that can be one.</summary>
    public static string? RunIdIn(string info) => Field(info, "run_id:") is { Length: > 0 and <= MostOfRunId } id && id.All(char.IsAsciiLetterOrDigit) ? id : null;

    /// <summary>The role; null where the text has none of the two.</summary>
    public static string? RoleIn(string info) => Field(info, "role:") is "master" or "slave" ? Field(info, "role:") : null;

    private static string? Field(string info, string name)
    {
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                return line[name.Length..].ToString();
            }
        }

        return null;
    }
}
