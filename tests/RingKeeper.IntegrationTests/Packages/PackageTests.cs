using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using RingKeeper.Dashboard;
using RingKeeper.IntegrationTests.Docs;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Packages;

/// <summary>What stands in the packages, and what does not.</summary>
[Collection(PackagesCollection.Name)]
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class PackageTests(PackedFeed feed)
{
    private const string Tool = "RingKeeper.Cli";

    private static readonly string[] Compatible = ["RingKeeper", "RingKeeper.Caching", "RingKeeper.ZooKeeper", "RingKeeper.ZooKeeper.Embedded"];

    // Fit by its analyzers; what it needs of ASP.NET Core is not in the native program.
    private const string Web = "RingKeeper.Dashboard";

    private static readonly string[] Libraries = [.. Compatible, Web, "RingKeeper.Testing"];

    [Fact]
    public void The_libraries_and_the_tool_are_packed_and_nothing_else() =>
        Assert.Equal(
            Libraries.SelectMany(id => new[] { $"{id}.{feed.Version}.nupkg", $"{id}.{feed.Version}.snupkg" }).Append($"{Tool}.{feed.Version}.nupkg").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(feed.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Fact]
    public void Each_package_says_what_it_is_and_names_no_host()
    {
        Assert.All(feed.Packages, static package =>
        {
            Assert.Equal("RingKeeper contributors", package.Value("authors"));
            Assert.Equal("MIT", package.Value("license"));
            Assert.NotEqual("Package Description", package.Value("description"));
            Assert.True(package.Value("description").Length > 20);
            Assert.True(package.Value("tags").Split(' ', ';').Length >= 4, $"{package.Id} has the tags '{package.Value("tags")}'.");
            Assert.All(["projectUrl", "iconUrl"], name => Assert.Null(package.Element(name)));
            Assert.Null(package.Element("repository")?.Attribute("url"));
        });
    }

    [Fact]
    public void Each_package_has_a_readme_of_its_own_whose_code_is_compiled()
    {
        string[] sources =
        [
            "tests/Consumer/Program.cs", "tests/AotCheck/Program.cs", "samples/Orders/Program.cs", "tests/RingKeeper.IntegrationTests/Docs/ReadmeTests.cs",
            "tests/RingKeeper.IntegrationTests/Docs/EmbeddedPageTests.cs", "tests/RingKeeper.IntegrationTests/Docs/ZooKeeperClientPageTests.cs",
            "tests/RingKeeper.IntegrationTests/Docs/DashboardPageTests.cs",
        ];
        var compiled = sources.SelectMany(static file => File.ReadAllLines(PageCode.PathOf(file))).Select(static line => line.Trim()).ToHashSet();
        Assert.All(feed.Packages, package =>
        {
            var text = Encoding.UTF8.GetString(package.Read(package.Value("readme")));
            Assert.StartsWith($"# {package.Id}\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain("](", text, StringComparison.Ordinal);
            var code = PageCode.Blocks($"src/{package.Id}/PACKAGE.md", "csharp").SelectMany(static block => block)
                .Select(static line => line.Trim().Replace("\"zk1:2181,zk2:2181,zk3:2181\"", "servers", StringComparison.Ordinal).Replace("\"127.0.0.1:2181\"", "servers", StringComparison.Ordinal)).ToList();
            Assert.Equal(package.Id == Tool, code.Count == 0);
            Assert.Equal([], code.Except(compiled));
        });
    }

    [Fact]
    public void Each_library_has_its_documentation_its_symbols_and_their_sources()
    {
        Assert.All(Libraries, id =>
        {
            var (package, library) = (feed.Package(id), $"lib/net10.0/{id}");
            Assert.Contains("<summary>", Encoding.UTF8.GetString(package.Read($"{library}.xml")), StringComparison.Ordinal);
            using var symbols = new PackageFile(Path.ChangeExtension(package.Path, "snupkg"));
            var symbolFile = new SymbolFile(symbols.Read($"{library}.pdb"));
            Assert.True(symbolFile.BelongsTo(package.Read($"{library}.dll")));
            Assert.Contains(symbolFile.Sources(), source => source.Key.StartsWith($"/_/src/{id}/", StringComparison.Ordinal));
            Assert.All(symbolFile.Sources(), static source => Assert.True(source.Key.StartsWith("/_/", StringComparison.Ordinal) && source.Value is { Length: > 0 }, source.Key));
        });
    }

    [Fact]
    public void Nothing_of_the_machine_is_in_a_package()
    {
        string[] words = [PageCode.PathOf("").TrimEnd('/'), feed.Place, Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget")];

        Assert.True(HoldsOneOf(File.ReadAllBytes(typeof(PackageTests).Assembly.Location), words), "The search finds nothing where there is something: in what was built without a care.");
        var found = new List<string>();
        foreach (var file in Directory.EnumerateFiles(feed.Folder))
        {
            using var package = new PackageFile(file);
            foreach (var name in package.Files)
            {
                var bytes = package.Read(name);
                var sources = Path.GetFileName(name).StartsWith("RingKeeper", StringComparison.Ordinal) && name.EndsWith(".pdb", StringComparison.Ordinal) ? new SymbolFile(bytes).Sources() : new Dictionary<string, byte[]?>();
                found.AddRange(HoldsOneOf(bytes, words) ? [$"{Path.GetFileName(file)}: {name}"] : []);
                found.AddRange(sources.Where(source => HoldsOneOf(source.Value ?? [], words)).Select(source => $"{Path.GetFileName(file)}: {source.Key}"));
            }
        }

        Assert.Equal([], found);
    }

    [Fact]
    public void Libraries_want_each_other_in_the_version_they_were_built_with()
    {
        var own = feed.Packages.SelectMany(static package => package.Dependencies).Where(static dependency => dependency.Key.StartsWith("RingKeeper", StringComparison.Ordinal)).ToList();

        Assert.True(own.Count >= 5);
        Assert.All(own, dependency => Assert.Equal($"[{feed.Version}]", dependency.Value));
    }

    [Fact]
    public void Analyzers_are_nobodys_dependency() =>
        Assert.Equal([], feed.Packages.SelectMany(static package => package.Dependencies.Keys).Where(static id => id.Contains("Analyzer", StringComparison.OrdinalIgnoreCase)));

    [Fact]
    public async Task Garnet_comes_with_the_package_for_tests_alone()
    {
        await feed.Consumer;
        await feed.Native;
        Assert.Equal(["RingKeeper.Testing"], feed.Packages.Where(static package => package.Dependencies.Keys.Any(IsGarnet)).Select(static package => package.Id));

        // The native program has every other library; the consumer has the one for tests too.
        Assert.Equal([], Closure(feed.NativeProject).Where(IsGarnet));
        Assert.Equal([], Compatible.Except(Closure(feed.NativeProject)));
        Assert.Contains(Closure(feed.ConsumerProject), static id => IsGarnet(id));
    }

    [Fact]
    public void Every_library_but_the_one_for_tests_calls_itself_fit_for_native_compilation_and_is_compiled_so_as_a_whole()
    {
        Assembly[] assemblies = [typeof(ZKCluster).Assembly, typeof(VersionedCache).Assembly, typeof(ZooKeeperClient).Assembly, typeof(EmbeddedZooKeeperServer).Assembly, typeof(DashboardOptions).Assembly, typeof(RingKeeperTestCluster).Assembly];
        var rooted = XDocument.Load(PageCode.PathOf("tests/AotCheck/AotCheck.csproj")).Descendants("TrimmerRootAssembly").Single().Attribute("Include")!.Value;

        Assert.Equal(Libraries, assemblies.Select(static assembly => assembly.GetName().Name!));
        Assert.Equal([.. Compatible, Web], assemblies.Where(static assembly => assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(static data => data is { Key: "IsAotCompatible", Value: "True" })).Select(static assembly => assembly.GetName().Name!));
        Assert.Equal(Compatible, rooted.Split(';'));
    }

    [Fact]
    public async Task The_same_sources_give_the_same_bytes_in_another_folder()
    {
        var elsewhere = await feed.BuiltElsewhere;
        Assert.All(["RingKeeper", "RingKeeper.ZooKeeper"], id =>
        {
            using var symbols = new PackageFile(Path.ChangeExtension(feed.Package(id).Path, "snupkg"));
            Assert.Equal(feed.Package(id).Read($"lib/net10.0/{id}.dll"), File.ReadAllBytes(Path.Combine(elsewhere, $"{id}.dll")));
            Assert.Equal(symbols.Read($"lib/net10.0/{id}.pdb"), File.ReadAllBytes(Path.Combine(elsewhere, $"{id}.pdb")));
        });
    }

    private static bool IsGarnet(string id) => id.Contains("Garnet", StringComparison.OrdinalIgnoreCase);

    private static bool HoldsOneOf(byte[] bytes, string[] words) =>
        words.Any(word => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(word)) >= 0 || bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(word)) >= 0);

    private static List<string> Closure(string project)
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(Path.Combine(project, "obj", "project.assets.json")));
        return [.. assets.RootElement.GetProperty("libraries").EnumerateObject().Select(static library => library.Name.Split('/')[0])];
    }
}
