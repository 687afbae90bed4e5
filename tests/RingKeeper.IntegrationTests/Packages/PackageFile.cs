using System.IO.Compression;
using System.Xml.Linq;

namespace RingKeeper.IntegrationTests.Packages;

/// <summary>A package of NuGet: what it says of itself, and its files.</summary>
internal sealed class PackageFile : IDisposable
{
    private readonly ZipArchive _zip;
    private readonly XElement _metadata;

    public PackageFile(string path)
    {
        Path = path;
        _zip = ZipFile.OpenRead(path);
        using var nuspec = _zip.Entries.Single(static entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        _metadata = XDocument.Load(nuspec).Root!.Elements().Single(static element => element.Name.LocalName == "metadata");
    }

    public string Path { get; }

    public string Id => Value("id");

    /// <summary>The revision of the sources, or nothing where they are no clone.</summary>
    public string Revision => Element("repository")?.Attribute("commit")?.Value ?? "";

    public IReadOnlyList<string> Files => [.. _zip.Entries.Select(static entry => entry.FullName)];

    public IReadOnlyDictionary<string, string> Dependencies => Element("dependencies")?.Descendants()
        .Where(static element => element.Name.LocalName == "dependency")
        .ToDictionary(static element => element.Attribute("id")!.Value, static element => element.Attribute("version")!.Value, StringComparer.Ordinal)
            ?? [];

    public XElement? Element(string name) => _metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name);

    public string Value(string name) => Element(name)?.Value ?? "";

    public byte[] Read(string file)
    {
        using var stream = (_zip.GetEntry(file) ?? throw new InvalidOperationException($"{Path} has no {file}, but: {string.Join(", ", Files)}")).Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    public void Dispose() => _zip.Dispose();
}
