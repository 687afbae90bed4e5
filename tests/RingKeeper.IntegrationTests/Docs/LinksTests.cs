using System.Text.RegularExpressions;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>Links from page to page of the repository lead somewhere.</summary>
public sealed partial class LinksTests
{
    private const int MatchTimeout = 10_000;

    private static readonly string Root = PageCode.PathOf("");

    [Fact]
    public void Every_relative_link_leads_to_a_file_or_folder_and_to_a_heading_there()
    {
        var links = Pages().SelectMany(page => LinksOf(page).Select(link => (Page: page, Link: link))).ToList();

        Assert.True(links.Count > 30, $"Only {links.Count} links are found: pages are no longer written as expected.");
        Assert.Equal([], links.Where(static link => !Leads(link.Page, link.Link)).Select(static link => $"{Path.GetRelativePath(Root, link.Page)} -> {link.Link}"));
    }

    [Theory]
    [InlineData("docs/cli.md", true)]
    [InlineData("docs/cli.md#environment", true)]
    [InlineData("docs", true)]
    [InlineData("docs/nothing.md", false)]
    [InlineData("docs/cli.md#nothing", false)]
    public void A_link_is_told_from_one_that_leads_nowhere(string link, bool leads) => Assert.Equal(leads, Leads(PageCode.PathOf("README.md"), link));

    private static bool Leads(string page, string link)
    {
        var parts = link.Split('#', 2);
        var target = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, Uri.UnescapeDataString(parts[0]));
        return parts.Length == 1
            ? File.Exists(target) || Directory.Exists(target)
            : File.Exists(target) && Text(target).Split('\n').Any(line => line.StartsWith('#') && AnchorOf(line) == parts[1]);
    }

    private static IEnumerable<string> LinksOf(string page) =>
        Link().Matches(Text(page)).Select(static match => match.Groups["link"].Value).Where(static link => !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith("mailto:", StringComparison.Ordinal));

    // What stands in code is no link.
    private static string Text(string page) => Code().Replace(File.ReadAllText(page), "");

    // As the web pages of repositories make them: lower case, blanks as hyphens, marks left out.
    private static string AnchorOf(string heading) =>
        NoLetter().Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');

    private static IEnumerable<string> Pages() =>
        new[] { "", "docs", "samples", "src", "tests", "bench", "tools" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.md", folder.Length == 0 ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories))
            .Where(static page => !Path.GetRelativePath(Root, page).Split(Path.DirectorySeparatorChar).Any(static part => part is "bin" or "obj" or "node_modules"));

    [GeneratedRegex(@"\]\((?<link>[^()\s]+)\)", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Link();

    [GeneratedRegex("^ *```.*?^ *```|`[^`\n]*`(?!\\]\\()", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Code();

    [GeneratedRegex(@"[^\p{L}\p{N}_ -]", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex NoLetter();
}
