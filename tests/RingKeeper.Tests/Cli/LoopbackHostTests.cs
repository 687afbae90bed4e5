using Microsoft.AspNetCore.Http;
using RingKeeper.Cli.Handlers;
using Xunit;

namespace RingKeeper.Tests.Cli;

/// <summary>Which hosts a page on loopback answers to.</summary>
public sealed class LoopbackHostTests
{
    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST.:8480", true)]
    [InlineData("127.0.0.1:8480", true)]
    [InlineData("127.9.8.7", true)]
    [InlineData("[::1]:8480", true)]
    [InlineData("", false)]
    [InlineData("evil.example:8480", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("10.0.0.1:8480", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("127.1", false)]
    [InlineData("2130706433", false)]
    public void Only_names_of_loopback_are_meant(string host, bool isMeant) => Assert.Equal(isMeant, LoopbackHost.IsMeant(new HostString(host)));
}
