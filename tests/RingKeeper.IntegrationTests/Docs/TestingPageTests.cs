using System.Reflection;
using System.Text.RegularExpressions;
using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>docs/testing.md, held to the code that runs and to what the package has.</summary>
public sealed partial class TestingPageTests
{
    private const string Page = "docs/testing.md";

    [Fact]
    public void Every_line_of_code_on_the_page_is_compiled_and_run() =>
        Assert.Equal([], PageCode.MissingLines(
            Page,
            line => line,
            "tests/RingKeeper.IntegrationTests/Docs/OrdersFixture.cs",
            "tests/RingKeeper.IntegrationTests/Docs/OrderTests.cs",
            "tests/RingKeeper.IntegrationTests/Testing/TestClusterTests.cs"));

    [Fact]
    public void The_page_names_every_fault_every_wait_and_every_option_and_none_that_is_not_there()
    {
        var rows = File.ReadAllLines(PageCode.PathOf(Page)).Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).Select(static line => line.Split('|')[1]).ToList();
        var named = rows.SelectMany(static row => Names().Matches(row)).Select(static match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        string[] plain = ["AddressOf", "Configure", "ConnectAsync", "DisposeAsync", "StartAsync"];
        var known = typeof(RingKeeperTestCluster).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(static method => !method.IsSpecialName).Select(static method => method.Name).Except(plain)
            .Concat(typeof(RingKeeperTestClusterOptions).GetProperties().Select(static option => option.Name))
            .Append(nameof(RingKeeperTestCluster.ZooKeeper)).Append(nameof(RingKeeperTestClusterOptions))
            .ToHashSet(StringComparer.Ordinal);

        Assert.Equal(known.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z]+)[^`]*`", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Names();
}
