using System.Text.RegularExpressions;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The page of what the doctor looks at, held to the codes that the checks and the alarms give.</summary>
public sealed partial class DoctorPageTests
{
    [Fact]
    public async Task Every_code_of_a_finding_stands_on_the_page_and_no_other()
    {
        var sources = Directory.GetFiles(PageCode.PathOf("src/RingKeeper.Cli/Doctor"), "*.cs").Append(PageCode.PathOf("src/RingKeeper/Insight/FleetAlarms.cs"));
        var codes = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            codes.UnionWith(Given().Matches(await File.ReadAllTextAsync(source, TestContext.Current.CancellationToken)).Select(static match => match.Groups["code"].Value));
        }

        var page = await File.ReadAllLinesAsync(PageCode.PathOf("docs/doctor.md"), TestContext.Current.CancellationToken);
        var told = page.Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(static line => Marked().Matches(line.Split('|')[1]).Select(static match => match.Groups["code"].Value)).ToList();

        Assert.True(codes.Count > 50, $"Only {codes.Count} codes are found: findings are no longer made as expected.");
        Assert.Equal(codes, told.Order(StringComparer.Ordinal));
    }

    // A finding, an alarm, a missing shard, or one of a shard that is away: each is made with its code first, but that of Away.
    [GeneratedRegex(@"(?:Finding\.(?:Ok|Note|Warning|Critical|NotChecked)\(|yield return new\(|Silent\(|Unread\(|Away\(facts, fleet, shard,)\s*""(?<code>[a-z-]+)""", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Given();

    [GeneratedRegex(@"`(?<code>[a-z-]+)`", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Marked();
}
