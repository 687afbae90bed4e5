using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Caching;

/// <summary>What a key is on the shards, in the format of the Go package.</summary>
public sealed class GoreLibFormatKeyTests
{
    [Fact]
    public void A_key_of_text_is_marshalled_and_one_of_bytes_stays()
    {
        Assert.Equal("\"user:<1>\"".Replace("<1>", "\\u003c1\\u003e", StringComparison.Ordinal), KeyOf("user:<1>"));
        Assert.Equal("\"\"", KeyOf(""));
        Assert.Equal("user:1", KeyOf("user:1"u8.ToArray()));
        Assert.Equal("5", KeyOf(GoCacheKey.Of(5)));
    }

    [Fact]
    public void A_text_behind_a_prefix_is_one_text() => Assert.Equal("\"user:1\"", KeyOf(new RedisKey("user:").Append("1")));

    [Fact]
    public void The_prefix_of_the_options_stands_before_the_marshalled_key()
    {
        Assert.Equal("app:\"k\"", KeyOf("k", "app:"));
        Assert.Equal("app:k", KeyOf("k"u8.ToArray(), "app:"));
    }

    [Fact]
    public void A_key_longer_than_any_buffer_is_marshalled_whole() =>
        Assert.Equal($"\"{string.Concat(Enumerable.Repeat("\\u003c", 5_000))}\"", KeyOf(new string('<', 5_000)));

    [Fact]
    public void A_sliding_expiry_is_refused_before_anything_is_sent()
    {
        var options = new VersionedCacheOptions { Format = CacheFormat.GoreLib, Expiry = CacheExpiry.SlidingBy(TimeSpan.FromMinutes(1)) };

        Assert.Contains("sliding", Assert.Throws<RingKeeperException>(() => new GoreLibFormat(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_serializer_follows_the_format_unless_one_is_given()
    {
        var own = new JsonCacheSerializer();

        Assert.IsType<GoCacheSerializer>(new VersionedCacheOptions { Format = CacheFormat.GoreLib }.Serializer);
        Assert.IsType<JsonCacheSerializer>(new VersionedCacheOptions().Serializer);
        Assert.Same(own, new VersionedCacheOptions { Format = CacheFormat.GoreLib, Serializer = own }.Serializer);
    }

    private static string? KeyOf(RedisKey key, string prefix = "") =>
        (string?)new GoreLibFormat(new VersionedCacheOptions { Format = CacheFormat.GoreLib, KeyPrefix = prefix }).KeyOf(key);
}
