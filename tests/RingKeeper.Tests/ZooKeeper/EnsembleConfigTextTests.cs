using System.Text;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class EnsembleConfigTextTests
{
    [Fact]
    public void Members_roles_addresses_and_the_version_are_read()
    {
        var config = Parse(
            "server.1=10.0.0.1:2888:3888:participant;0.0.0.0:2181\n"
            + "server.12=zk-2:2888:3888|zk-2b:2888:3888:observer;2182\n"
            + "server.3=[::1]:2888:3888;2183\n"
            + "server.4=zk-4:2888:3888\n"
            + "group.1=1:2\nweight.1=1\nversion=10000000a\n");

        Assert.Equal(0x10000000a, config.Version);
        Assert.Equal([1, 12, 3, 4], config.Members.Select(m => m.Id));
        Assert.Equal(["0.0.0.0:2181", "zk-2:2182", "[::1]:2183", null], config.Members.Select(m => m.ClientAddress));
        Assert.Equal([EnsembleRole.Participant, EnsembleRole.Observer, EnsembleRole.Participant, EnsembleRole.Participant], config.Members.Select(m => m.Role));
        Assert.Equal(["zk-2:2888:3888", "zk-2b:2888:3888"], config.Members[1].Addresses);
        Assert.Equal(["[::1]:2888:3888"], config.Members[2].Addresses);
    }

    [Fact]
    public void A_server_that_stands_alone_keeps_none()
    {
        Assert.Equal(-1, Parse("").Version);
        Assert.Empty(Parse("").Members);
    }

    [Theory]
    [InlineData("server.x=a:1:2")]
    [InlineData("server.1=")]
    [InlineData("version=zz")]
    public void A_line_that_cannot_be_read_is_named(string line)
    {
        Assert.Contains($"'{line}'", Assert.Throws<FormatException>(() => Parse(line)).Message, StringComparison.Ordinal);
    }

    private static EnsembleConfig Parse(string text) => EnsembleConfigText.Parse(Encoding.UTF8.GetBytes(text), default);
}
