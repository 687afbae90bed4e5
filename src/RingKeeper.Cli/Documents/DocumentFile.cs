using System.Text;

namespace RingKeeper.Cli.Documents;

/// <summary>A file named on the command line; <c>-</c> is standard input.</summary>
internal static class DocumentFile
{
    public const string StandardInput = "-";

    /// <summary>Far above what ZooKeeper could hold of clusters, far below what a memory holds.</summary>
    private const int MaxLength = 16 * 1024 * 1024;

    /// <summary>Gets what the file is called in messages.</summary>
    public static string NameOf(string file) => file == StandardInput ? "standard input" : file;

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="RingKeeperException">It is too long, or not UTF-8.</exception>
    public static async Task<string> ReadAsync(string file, TextReader input, CancellationToken cancellationToken)
    {
        try
        {
            // A pipe's read cannot be cancelled; it is left behind where Ctrl-C ends the command.
            return await Task.Run(() => Read(file, input), cancellationToken).WaitAsync(cancellationToken);
        }
        catch (DecoderFallbackException e)
        {
            throw new RingKeeperException($"{NameOf(file)} is not text in UTF-8.", e);
        }
    }

    private static string Read(string file, TextReader input)
    {
        if (file == StandardInput)
        {
            return ReadToEnd(file, input);
        }

        using var reader = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
        return ReadToEnd(file, reader);
    }

    private static string ReadToEnd(string file, TextReader reader)
    {
        var text = new StringBuilder();
        var part = new char[64 * 1024];
        while (reader.Read(part, 0, part.Length) is > 0 and var count)
        {
            text = text.Length + count <= MaxLength
                ? text.Append(part, 0, count)
                : throw new RingKeeperException($"{NameOf(file)} is longer than {MaxLength / (1024 * 1024)} Mi characters. Name a file of clusters or pools.");
        }

        return text.ToString();
    }
}
