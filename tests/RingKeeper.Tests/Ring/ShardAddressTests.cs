using System.Net;
using Xunit;

namespace RingKeeper.Tests.Ring;

public sealed class ShardAddressTests
{
    [Theory]
    [InlineData("10.1.2.3:6379", "10.1.2.3", 6379)]
    [InlineData(":6378", "127.0.0.1", 6378)]
    [InlineData("[::1]:1", "::1", 1)]
    [InlineData("[2001:db8::5]:65535", "2001:db8::5", 65535)]
    public void An_IP_address_becomes_an_end_point(string addr, string ip, int port) =>
        Assert.Equal(new IPEndPoint(IPAddress.Parse(ip), port), ShardAddress.Parse(addr));

    [Theory]
    [InlineData("localhost:6379", "localhost")]
    [InlineData("redis-1.example.org:6379", "redis-1.example.org")]
    [InlineData("1:6379", "1")]
    public void A_host_name_becomes_an_end_point(string addr, string host) => Assert.Equal(new DnsEndPoint(host, 6379), ShardAddress.Parse(addr));

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("localhost:")]
    [InlineData("localhost:0")]
    [InlineData("localhost:65536")]
    [InlineData("localhost:-1")]
    [InlineData("localhost:+1")]
    [InlineData("localhost: 1")]
    [InlineData("::1:6379")]
    [InlineData("[::1]")]
    [InlineData("[]:6379")]
    [InlineData("[1.2.3.4]:6379")]
    [InlineData("a b:6379")]
    [InlineData("a/b:6379")]
    public void Anything_else_is_refused_by_address_and_remedy(string addr)
    {
        var exception = Assert.Throws<RingKeeperException>(() => ShardAddress.Parse(addr));

        Assert.Contains($"'{addr}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("host:port", exception.Message, StringComparison.Ordinal);
    }
}
