using System.Text;

namespace RingKeeper;

/// <summary>One answer of a Redis server: a line <c>+text</c> or <c>-error</c>, or a text with its length before it.</summary>
/// <param name="IsError">Whether it is an error.</param>
/// <param name="Text">The text; empty for the null that answers for a key that is not there.</param>
/// <param name="IsBulk">Whether its length came before it.</param>
internal readonly record struct RespReply(bool IsError, string Text, bool IsBulk = false)
{
    /// <summary>The first word of an error, which says what it is.</summary>
    public string Code => IsError ? Text.Split(' ', 2)[0] : "";

    /// <summary>Encodes a command.</summary>
    public static byte[] Command(params ReadOnlySpan<string> parts)
    {
        var command = new MemoryStream();
        command.Write(Encoding.ASCII.GetBytes($"*{parts.Length}\r\n"));
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            command.Write(Encoding.ASCII.GetBytes($"${bytes.Length}\r\n"));
            command.Write(bytes);
            command.Write("\r\n"u8);
        }

        return command.ToArray();
    }
}
