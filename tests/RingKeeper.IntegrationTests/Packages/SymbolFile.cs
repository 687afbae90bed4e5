using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace RingKeeper.IntegrationTests.Packages;

/// <summary>What a debugger finds in a portable PDB.</summary>
internal sealed class SymbolFile(byte[] bytes)
{
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    /// <summary>Whether these are the symbols of this very library.</summary>
    public bool BelongsTo(byte[] library)
    {
        using var image = new PEReader(new MemoryStream(library));
        var entry = image.ReadDebugDirectory().Single(static entry => entry.Type == DebugDirectoryEntryType.CodeView);
        return Read(reader => new BlobContentId(reader.DebugMetadataHeader!.Id)) == new BlobContentId(image.ReadCodeViewDebugDirectoryData(entry).Guid, entry.Stamp);
    }

    /// <summary>The names of the sources, each with its text, or null where that is not inside.</summary>
    public IReadOnlyDictionary<string, byte[]?> Sources() => Read(static reader => reader.Documents.ToDictionary(
        document => reader.GetString(reader.GetDocument(document).Name),
        document => Source(reader, document)));

    private T Read<T>(Func<MetadataReader, T> read)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(bytes));
        return read(provider.GetMetadataReader());
    }

    private static byte[]? Source(MetadataReader reader, DocumentHandle document)
    {
        var found = reader.GetCustomDebugInformation(document).Select(reader.GetCustomDebugInformation).Where(info => reader.GetGuid(info.Kind) == EmbeddedSource).ToList();
        return found.Count == 0 ? null : Text(reader.GetBlobBytes(found[0].Value));
    }

    // Four bytes tell the length of a compressed text, or zero before one that is not.
    private static byte[] Text(byte[] blob)
    {
        if (BitConverter.ToInt32(blob) == 0)
        {
            return blob[4..];
        }

        using var text = new MemoryStream();
        using var packed = new DeflateStream(new MemoryStream(blob, 4, blob.Length - 4), CompressionMode.Decompress);
        packed.CopyTo(text);
        return text.ToArray();
    }
}
