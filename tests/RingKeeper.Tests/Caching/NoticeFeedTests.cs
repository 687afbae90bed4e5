using Xunit;

namespace RingKeeper.Tests.Caching;

/// <summary>What a reader of a backplane gets.</summary>
public sealed class NoticeFeedTests
{
    [Fact]
    public async Task A_reader_that_falls_behind_gets_a_gap_before_the_next_notice()
    {
        var feed = new NoticeFeed(capacity: 2);
        foreach (var key in new[] { "a", "b", "lost" })
        {
            feed.Add(new CacheNotice(CacheNoticeKind.Key, key));
        }

        feed.End();
        var read = new List<string>();
        await foreach (var notice in feed.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            read.Add(notice.Kind == CacheNoticeKind.Gap ? "gap" : notice.Name);
        }

        Assert.Equal(["gap", "a", "b"], read);
    }
}
