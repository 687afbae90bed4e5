using System.Text;

namespace RingKeeper.Cli.Documents;

/// <summary>A file named on the command line; <c>-</c> is standard input.</summary>
internal static class DocumentFile
{
    public const string StandardInput = "-";

    /// <summary>Gets what the file is called in messages.</summary>
    public static string NameOf(string file) => file == StandardInput ? "standard input" : file;

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="RingKeeperException">It is not UTF-8.</exception>
    public static async Task<string> ReadAsync(string file, TextReader input, CancellationToken cancellationToken)
    {
        try
        {
            return file == StandardInput
                ? await input.ReadToEndAsync(cancellationToken)
                : await File.ReadAllTextAsync(file, new UTF8Encoding(false, throwOnInvalidBytes: true), cancellationToken);
        }
        catch (DecoderFallbackException e)
        {
            throw new RingKeeperException($"{NameOf(file)} is not text in UTF-8.", e);
        }
    }
}
