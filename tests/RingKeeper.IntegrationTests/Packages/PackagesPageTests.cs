using RingKeeper.IntegrationTests.Docs;
using Xunit;

namespace RingKeeper.IntegrationTests.Packages;

/// <summary>docs/packages.md, held to the packages.</summary>
[Collection(PackagesCollection.Name)]
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class PackagesPageTests(PackedFeed feed)
{
    [Fact]
    public void Every_command_on_the_page_is_run_by_these_tests()
    {
        Assert.Equal(PackagesPage.Known.Count, PackagesPage.Lines.Count);
        Assert.Equal([], PackagesPage.Lines.Where(static line => !PackagesPage.Known.Any(start => line.StartsWith(start, StringComparison.Ordinal))));
        Assert.Equal(["export", "RestoreAdditionalProjectSources=$PWD/artifacts/packages"], PackagesPage.Command("export RestoreAdditionalProjectSources="));
    }

    [Fact]
    public void The_table_names_every_package_with_what_it_brings()
    {
        var rows = File.ReadAllLines(PageCode.PathOf(PackagesPage.File)).Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).Select(static line => line.Split('|')).ToDictionary(
            static cells => cells[1].Trim(' ', '`'),
            static cells => cells[3].Split('`').Where(static (_, i) => i % 2 == 1).Order(StringComparer.Ordinal).ToArray());

        Assert.Equal(feed.Packages.Select(static package => package.Id), rows.Keys.Order(StringComparer.Ordinal));
        Assert.All(feed.Packages, package => Assert.Equal(
            package.Dependencies.Keys.Where(static id => id.StartsWith("RingKeeper", StringComparison.Ordinal) || id is "StackExchange.Redis" or "Microsoft.Garnet").Order(StringComparer.Ordinal),
            rows[package.Id]));
    }
}
