using RingKeeper.IntegrationTests.Docs;
using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Packages;

/// <summary>The packages, made once as docs/packages.md says, and what is built from them, side by side: each test awaits its part.</summary>
public sealed class PackedFeed : IAsyncLifetime
{
    private static readonly string Root = PageCode.PathOf("");

    // What users have in their global folder. Nothing of ours is taken from it: the version is of this run alone.
    private static readonly string GlobalPackages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private readonly TemporaryFolder _folder = new("packages");
    private readonly string _suffix = $"test-{Guid.NewGuid():n}";

    /// <summary>The folder with the packages.</summary>
    public string Folder => _folder.Combine("feed");

    /// <summary>The version of the packages, which no other run has.</summary>
    public string Version { get; private set; } = "";

    /// <summary>What the consumer project wrote.</summary>
    public Task<string> Consumer { get; private set; } = Task.FromResult("");

    /// <summary>The folder of the program that was published by NativeAOT.</summary>
    public Task<string> Native { get; private set; } = Task.FromResult("");

    /// <summary>The folder of the installed tool.</summary>
    public Task<string> Tool { get; private set; } = Task.FromResult("");

    /// <summary>The folder with the libraries, built once more from a copy of the sources in another place.</summary>
    public Task<string> BuiltElsewhere { get; private set; } = Task.FromResult("");

    internal IReadOnlyList<PackageFile> Packages { get; private set; } = [];

    public string NativeProject => _folder.Combine("AotCheck");

    public string ConsumerProject => _folder.Combine("Consumer");

    public string Place => _folder.Path;

    public async ValueTask InitializeAsync()
    {
        // The build before the tests ran the analyzers on the same sources.
        await QuietCommand.RunAsync(
            Root,
            new Dictionary<string, string> { ["RunAnalyzers"] = "false" },
            [.. PackagesPage.Command("dotnet pack ", ("artifacts/packages", Folder)), "--artifacts-path", _folder.Combine("build"), "--version-suffix", _suffix]);
        Packages = [.. Directory.EnumerateFiles(Folder, "*.nupkg").Order(StringComparer.Ordinal).Select(static file => new PackageFile(file))];
        Version = Package("RingKeeper").Value("version");

        Consumer = RunConsumerAsync();
        Tool = InstallToolAsync();
        BuiltElsewhere = BuildElsewhereAsync();
        Native = PublishNativeAsync();
    }

    internal PackageFile Package(string id) => Packages.Single(package => package.Id == id);

    public async ValueTask DisposeAsync()
    {
        // Their failures are their tests' matter.
        await Task.WhenAll(Consumer, Tool, BuiltElsewhere, Native).ContinueWith(static _ => { }, TaskScheduler.Default);
        foreach (var package in Packages)
        {
            package.Dispose();
            var restored = Path.Combine(RestoredPackages, package.Id.ToLowerInvariant(), Version);
            if (Directory.Exists(restored))
            {
                Directory.Delete(restored, recursive: true);
            }
        }

        _folder.Dispose();
    }

    // Kept between runs, so that what others' packages need is downloaded once.
    private static string RestoredPackages => Path.Combine(Root, "artifacts", "restored-by-tests");

    private Task<string> RunConsumerAsync()
    {
        CopyFolder(Path.Combine(Root, "tests", "Consumer"), ConsumerProject);
        return QuietCommand.RunAsync(_folder.Path, Restoring(), PackagesPage.Command("dotnet run ", ("tests/Consumer", ConsumerProject)));
    }

    private async Task<string> PublishNativeAsync()
    {
        CopyFolder(Path.Combine(Root, "tests", "AotCheck"), NativeProject);
        await QuietCommand.RunAsync(
            _folder.Path, Restoring(), PackagesPage.Command("dotnet publish ", ("tests/AotCheck", NativeProject), ("artifacts/native", _folder.Combine("native"))));
        return _folder.Combine("native");
    }

    private async Task<string> InstallToolAsync()
    {
        var tools = _folder.Combine("tools");
        await QuietCommand.RunAsync(
            _folder.Path, new Dictionary<string, string>(), PackagesPage.Command("dotnet tool install ", ("artifacts/packages", Folder), ("artifacts/tools", tools), ("0.1.0", Version)));
        return tools;
    }

    private async Task<string> BuildElsewhereAsync()
    {
        var elsewhere = _folder.Combine("elsewhere");
        CopyFolder(Path.Combine(Root, "src"), Path.Combine(elsewhere, "src"));
        foreach (var file in Directory.EnumerateFiles(Root, "Directory.*").Concat([Path.Combine(Root, "global.json"), Path.Combine(Root, ".editorconfig"), Path.Combine(Root, "BannedSymbols.txt")]))
        {
            File.Copy(file, Path.Combine(elsewhere, Path.GetFileName(file)));
        }

        // Outside of a clone nobody knows the revision.
        var built = _folder.Combine("other");
        await QuietCommand.RunAsync(
            elsewhere,
            new Dictionary<string, string> { ["RunAnalyzers"] = "false", ["SourceRevisionId"] = Package("RingKeeper").Revision },
            ["dotnet", "build", "src/RingKeeper", "-c", "Release", "--artifacts-path", built, "--version-suffix", _suffix]);
        return Path.Combine(built, "bin", "RingKeeper", "release");
    }

    private Dictionary<string, string> Restoring() => new()
    {
        ["RingKeeperVersion"] = Version,
        ["RestoreAdditionalProjectSources"] = Folder,
        ["RestorePackagesPath"] = RestoredPackages,
        ["RestoreFallbackFolders"] = GlobalPackages,
        ["NuGetAudit"] = "false",
    };

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var folder in Directory.EnumerateDirectories(from).Where(static folder => Path.GetFileName(folder) is not ("bin" or "obj")))
        {
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }
}

/// <summary>All that need the packages: they are made once, and one after the other waits for its part.</summary>
[CollectionDefinition(Name)]
public sealed class PackagesCollection : ICollectionFixture<PackedFeed>
{
    public const string Name = "Packages";
}
