using RingKeeper.IntegrationTests.Conformance;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded;

/// <summary>What the versions differ in, as zookeeper-protocol and the sources of the versions tell; 3.8 alone is held to a real server.</summary>
public sealed class EmulatedVersionTests
{
    public static TheoryData<EmulatedVersion> Versions => [.. Enum.GetValues<EmulatedVersion>()];

    [Theory]
    [InlineData((int)OpCode.Create2, EmulatedVersion.V35)]
    [InlineData((int)OpCode.RemoveWatches, EmulatedVersion.V35)]
    [InlineData((int)OpCode.CreateContainer, EmulatedVersion.V35)]
    [InlineData((int)OpCode.CreateTtl, EmulatedVersion.V35)]
    [InlineData((int)OpCode.Reconfig, EmulatedVersion.V35)]
    [InlineData((int)OpCode.MultiRead, EmulatedVersion.V36)]
    [InlineData((int)OpCode.GetEphemerals, EmulatedVersion.V36)]
    [InlineData((int)OpCode.GetAllChildrenNumber, EmulatedVersion.V36)]
    [InlineData((int)OpCode.AddWatch, EmulatedVersion.V36)]
    [InlineData((int)OpCode.SetWatches2, EmulatedVersion.V36)]
    [InlineData((int)OpCode.WhoAmI, EmulatedVersion.V38)]
    public async Task An_operation_is_unknown_before_the_version_that_brought_it(int type, EmulatedVersion since)
    {
        foreach (var version in Enum.GetValues<EmulatedVersion>())
        {
            await using var server = await StartAsync(version);
            using var client = await Talker.ConnectAsync(server.Port);
            var reply = await client.CallAsync(Request.Of((OpCode)type));
            Assert.Equal(version < since, reply.Error == ZooKeeperErrorCode.Unimplemented && reply.Zxid == -1);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Events_carry_their_zxid_as_of_3_9(EmulatedVersion version)
    {
        await using var server = await StartAsync(version);
        using var client = await RawConnection.ConnectAsync(server);
        await client.CallAsync(1, OpCode.GetChildren, new PathWatchRecord("/", true).Write);
        await client.SendAsync(2, OpCode.Create, Request.Create("/a").Write);
        var told = await client.ReplyAsync();
        var created = await client.ReplyAsync();
        Assert.Equal("NodeChildrenChanged /", told.EventOfAnyZxid);
        Assert.Equal(version >= EmulatedVersion.V39 ? created.Zxid : -1, told.Zxid);
    }

    [Fact]
    public async Task As_of_3_9_one_path_is_watched_in_several_ways_and_each_ends_alone()
    {
        await using var server = await StartAsync(EmulatedVersion.V39);
        using var client = await RawConnection.ConnectAsync(server);
        await client.CreateAsync("/a");
        await client.CallAsync(1, OpCode.AddWatch, new PathModeRecord("/a", 0).Write);
        await client.CallAsync(2, OpCode.AddWatch, new PathModeRecord("/a", 1).Write);
        await client.CallAsync(3, OpCode.GetData, new PathWatchRecord("/a", true).Write);

        Assert.Equal(ZooKeeperErrorCode.Ok, (await client.CallAsync(4, OpCode.RemoveWatches, new PathModeRecord("/a", 4).Write)).Error);
        Assert.Equal(ZooKeeperErrorCode.NoWatcher, (await client.CallAsync(5, OpCode.RemoveWatches, new PathModeRecord("/a", 4).Write)).Error);
        Assert.Equal(ZooKeeperErrorCode.Ok, (await client.CallAsync(6, OpCode.CheckWatches, new PathModeRecord("/a", 5).Write)).Error);
        Assert.Equal(ZooKeeperErrorCode.Ok, (await client.CallAsync(7, OpCode.RemoveWatches, new PathModeRecord("/a", 2).Write)).Error);
        await client.SendAsync(8, OpCode.Create, Request.Create("/a/b").Write);

        // The recursive watch alone is left: no event of the children of /a.
        Assert.Equal("NodeCreated /a/b", (await client.ReplyAsync()).EventOfAnyZxid);
        Assert.Equal(8, (await client.ReplyAsync()).Xid);
        Assert.Equal(ZooKeeperErrorCode.Ok, (await client.CallAsync(9, OpCode.RemoveWatches, new PathModeRecord("/a", 5).Write)).Error);
        Assert.Equal(ZooKeeperErrorCode.NoWatcher, (await client.CallAsync(10, OpCode.CheckWatches, new PathModeRecord("/a", 3).Write)).Error);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_kinds_of_lasting_watches_are_named_as_of_3_9(EmulatedVersion version)
    {
        await using var server = await StartAsync(version);
        using var client = await Talker.ConnectAsync(server.Port);
        var expected = version switch
        {
            EmulatedVersion.V34 => ZooKeeperErrorCode.Unimplemented,
            EmulatedVersion.V39 => ZooKeeperErrorCode.NoWatcher,
            _ => ZooKeeperErrorCode.MarshallingError,
        };
        Assert.Equal(expected, await client.ErrorOfAsync(Request.OfMode(OpCode.RemoveWatches, "/", 5)));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Exists_asks_for_the_right_to_read_as_of_3_9(EmulatedVersion version)
    {
        await using var server = await StartAsync(version);
        using var client = await Talker.ConnectAsync(server.Port);
        await client.DoAsync(Request.Create("/w", acl: [new Acl(AclPermissions.Write, "world", "anyone")]));
        Assert.Equal(version >= EmulatedVersion.V39 ? ZooKeeperErrorCode.NoAuth : ZooKeeperErrorCode.Ok, await client.ErrorOfAsync(Request.Exists("/w")));
        Assert.Equal(ZooKeeperErrorCode.NoNode, await client.ErrorOfAsync(Request.Exists("/none")));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task In_3_4_a_create_knows_four_flags_and_there_is_no_configuration(EmulatedVersion version)
    {
        await using var server = await StartAsync(version);
        using var client = await Talker.ConnectAsync(server.Port);
        var isOld = version == EmulatedVersion.V34;
        Assert.Equal(isOld ? ZooKeeperErrorCode.BadArguments : ZooKeeperErrorCode.Ok, await client.ErrorOfAsync(Request.Create("/c", flags: 4)));
        Assert.Equal(isOld ? ZooKeeperErrorCode.NoNode : ZooKeeperErrorCode.Ok, await client.ErrorOfAsync(Request.GetData("/zookeeper/config")));
        Assert.Equal(
            isOld ? ZooKeeperErrorCode.MarshallingError : ZooKeeperErrorCode.Ok,
            await client.ErrorOfAsync(Request.Multi(Request.Create("/m", type: OpCode.Create2))));
    }

    private static Task<EmbeddedZooKeeperServer> StartAsync(EmulatedVersion version) => EmbeddedZooKeeperServer.StartAsync(new() { EmulatedVersion = version });
}
