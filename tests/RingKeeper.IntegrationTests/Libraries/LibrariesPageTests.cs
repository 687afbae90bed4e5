using RingKeeper.IntegrationTests.Docs;
using Xunit;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>docs/libraries.md, held to the tests beside this one.</summary>
public sealed class LibrariesPageTests
{
    private const string Page = "docs/libraries.md";
    private const string Folder = "tests/RingKeeper.IntegrationTests/Libraries";

    [Fact]
    public void Every_line_of_code_on_the_page_is_run_by_the_tests_of_its_library() =>
        Assert.Equal([], PageCode.MissingLines(
            Page,
            line => line,
            $"{Folder}/MicrosoftCacheTests.cs",
            $"{Folder}/HubServer.cs",
            $"{Folder}/DataProtectionTests.cs",
            $"{Folder}/HangfireTests.cs",
            $"{Folder}/MajorityLockTests.cs"));

    [Theory]
    [InlineData("Microsoft.Extensions.Caching.StackExchangeRedis")]
    [InlineData("Microsoft.AspNetCore.SignalR.StackExchangeRedis")]
    [InlineData("Microsoft.AspNetCore.DataProtection.StackExchangeRedis")]
    [InlineData("Hangfire.Redis.StackExchange")]
    [InlineData("DistributedLock.Redis")]
    [InlineData("RedLock.net")]
    public void The_page_names_the_version_that_runs(string package)
    {
        var pinned = File.ReadAllLines(PageCode.PathOf("Directory.Packages.props")).Single(line => line.Contains($"\"{package}\"", StringComparison.Ordinal));
        var version = pinned.Split('"')[3];

        Assert.Contains($"{package} {version}", File.ReadAllText(PageCode.PathOf(Page)), StringComparison.Ordinal);
    }
}
