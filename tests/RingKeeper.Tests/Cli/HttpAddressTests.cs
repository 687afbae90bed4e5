using System.Net;
using RingKeeper.Cli;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class HttpAddressTests
{
    [Theory]
    [InlineData(":8080", "127.0.0.1:8080")]
    [InlineData(":0", "127.0.0.1:0")]
    [InlineData("localhost:80", "127.0.0.1:80")]
    [InlineData("10.1.2.3:80", "10.1.2.3:80")]
    [InlineData("0.0.0.0:80", "0.0.0.0:80")]
    [InlineData("[::1]:80", "[::1]:80")]
    [InlineData("[::]:80", "[::]:80")]
    public void An_address_is_taken_as_it_is_and_a_bare_port_is_loopback(string text, string expected)
    {
        Assert.True(HttpAddress.TryParse(text, out var address));
        Assert.Equal(IPEndPoint.Parse(expected), address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("8080")]
    [InlineData("10.1.2.3")]
    [InlineData("10.1.2.3:")]
    [InlineData("10.1:80")]
    [InlineData("1:80")]
    [InlineData("::1:80")]
    [InlineData("[10.1.2.3]:80")]
    [InlineData("host.test:80")]
    [InlineData(":65536")]
    [InlineData(":-1")]
    [InlineData("http://10.1.2.3:80")]
    public void Anything_else_is_refused(string text) => Assert.False(HttpAddress.TryParse(text, out _));
}
