using RingKeeper.ZooKeeper.Session;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class ConnectStringTests
{
    [Theory]
    [InlineData("zk1", "zk1:2181", "")]
    [InlineData("zk1:1,zk2:2", "zk1:1 zk2:2", "")]
    [InlineData("zk1:1, zk2 /app/x", "zk1:1 zk2:2181", "/app/x")]
    [InlineData("zk1/", "zk1:2181", "")]
    [InlineData("[::1]:99,[fe80::2]/a", "[::1]:99 [fe80::2]:2181", "/a")]
    [InlineData("10.0.0.1:2181", "10.0.0.1:2181", "")]
    public void Servers_and_chroot_are_read(string text, string servers, string chroot)
    {
        var parsed = ConnectString.Parse(text);

        Assert.Equal(servers, string.Join(' ', parsed.Servers));
        Assert.Equal(chroot, parsed.Chroot.Prefix);
    }

    [Theory]
    [InlineData(null, "empty")]
    [InlineData(" ", "empty")]
    [InlineData("/app", "a server between commas is empty")]
    [InlineData("zk1,,zk2", "a server between commas is empty")]
    [InlineData("zk1:0", "'0' in 'zk1:0'")]
    [InlineData("zk1:65536", "'65536'")]
    [InlineData("zk1:+1", "'+1'")]
    [InlineData("zk1:", "'' in 'zk1:'")]
    [InlineData("::1", "'::1' holds several colons")]
    [InlineData("[::1", "'[::1'")]
    [InlineData("[1.2.3.4]:1", "'[1.2.3.4]:1'")]
    [InlineData("[::1]x", "'x'")]
    [InlineData("a b:1", "'a b:1'")]
    [InlineData("zk1/app/", "'/app/'")]
    [InlineData("zk1//app", "'//app'")]
    public void What_is_wrong_is_named(string? text, string named)
    {
        var refusal = Assert.Throws<ArgumentException>(() => ConnectString.Parse(text));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chroot_maps_paths_there_and_back_and_drops_what_lies_outside()
    {
        var chroot = new Chroot("/app");

        Assert.Equal("/app", chroot.ToServer("/"));
        Assert.Equal("/app/a", chroot.ToServer("/a"));
        Assert.Equal("/", chroot.ToClient("/app"));
        Assert.Equal("/a/b", chroot.ToClient("/app/a/b"));
        Assert.Null(chroot.ToClient("/application"));
        Assert.Null(chroot.ToClient("/other"));
        Assert.Equal("/a", Chroot.None.ToServer("/a"));
        Assert.Equal("/a", Chroot.None.ToClient("/a"));
    }

    [Fact]
    public void Servers_are_shuffled_once_and_taken_in_turn()
    {
        var servers = Enumerable.Range(1, 5).Select(i => new ServerAddress("zk", i)).ToList();
        var list = new ServerList(servers, new Random(3));

        var first = Enumerable.Range(0, 5).Select(_ => list.Next()).ToList();
        var second = Enumerable.Range(0, 5).Select(_ => list.Next()).ToList();

        Assert.Equal(first, second);
        Assert.NotEqual(servers, first);
        Assert.Equal(servers, first.OrderBy(s => s.Port));
    }
}
