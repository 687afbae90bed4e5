using System.Text;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.IntegrationTests.Conformance;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded;

/// <summary>What a client may use besides the znodes of everyday: time to live, the super user, read-only mode, the configuration.</summary>
public sealed class ServerFeatureTests
{
    private const string Super = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=";

    private static readonly string[] Members = ["server.1=10.0.0.1:2888:3888;2181", "server.2=10.0.0.2:2888:3888:participant;10.0.0.2:2181", "server.3=10.0.0.3:2888:3888:observer;2181"];

    [Fact]
    public async Task A_znode_past_its_time_to_live_goes_at_the_next_look_unless_it_was_written_to_or_has_children()
    {
        var time = new FakeTimeProvider();
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { TimeProvider = time, ContainerCheckInterval = TimeSpan.FromSeconds(1) });
        using var client = await Talker.ConnectAsync(server.Port, 40_000);
        foreach (var name in new[] { "/forgotten", "/written", "/parent", "/longer" })
        {
            await client.DoAsync(Request.CreateTtl(name, 5, name == "/longer" ? 60_000 : 5_000));
        }

        var sequential = await client.DoAsync(Request.CreateTtl("/s-", 6, 5_000));
        Assert.Equal(("/s-0000000004", 0L), (sequential.Text, sequential.Stat.EphemeralOwner));
        await client.DoAsync(Request.Multi(Request.CreateTtl("/multi", 5, 5_000), Request.Create("/parent/child")));
        time.Advance(TimeSpan.FromSeconds(4));
        await client.DoAsync(Request.SetData("/written"));
        Assert.Equal(ZooKeeperErrorCode.Ok, await client.ErrorOfAsync(Request.Exists("/forgotten", watch: true)));
        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal("NodeDeleted /forgotten", await client.NextEventAsync());
        Assert.Equal(["longer", "parent", "written", "zookeeper"], (await client.DoAsync(Request.GetChildren("/"))).Names);
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(5, -1)]
    [InlineData(5, 1L << 40)]
    [InlineData(0, 5)]
    public async Task A_time_to_live_is_positive_shorter_than_2_to_the_40_ms_and_goes_with_its_flags(int flags, long timeToLive)
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        using var client = await Talker.ConnectAsync(server.Port);
        Assert.Equal(ZooKeeperErrorCode.BadArguments, await client.ErrorOfAsync(Request.CreateTtl("/a", flags, timeToLive)));
        Assert.Equal(ZooKeeperErrorCode.Ok, await client.ErrorOfAsync(Request.CreateTtl("/a", 5, (1L << 40) - 1)));
    }

    [Fact]
    public async Task The_super_user_may_do_what_no_ACL_allows_and_owns_nothing_by_it()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { SuperDigest = Super });
        using var owner = await Talker.ConnectAsync(server.Port);
        using var other = await Talker.ConnectAsync(server.Port);
        await owner.DoAsync(Request.Auth("digest", "u:p"));
        await owner.DoAsync(Request.Create("/secret", acl: Acl.CreatorOnly));

        Assert.Equal(ZooKeeperErrorCode.NoAuth, await other.ErrorOfAsync(Request.GetData("/secret")));
        await other.DoAsync(Request.Auth("digest", "super:test"));
        Assert.Equal(ZooKeeperErrorCode.Ok, await other.ErrorOfAsync(Request.GetData("/secret")));
        Assert.Equal(ZooKeeperErrorCode.Ok, await other.ErrorOfAsync(Request.SetAcl("/secret", Acl.CreatorOnly)));
        Assert.Equal(("digest", Super), ((await other.DoAsync(Request.OfPath(OpCode.GetAcl, "/secret"))).Acl is [var entry]) ? (entry.Scheme, entry.Id) : default);
    }

    [Fact]
    public async Task Without_a_super_digest_its_credentials_are_anybodys()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        using var client = await Talker.ConnectAsync(server.Port);
        await client.DoAsync(Request.Create("/closed", acl: [new Acl(AclPermissions.All, "digest", "u:x")]));
        await client.DoAsync(Request.Auth("digest", "super:test"));
        Assert.Equal(ZooKeeperErrorCode.NoAuth, await client.ErrorOfAsync(Request.GetData("/closed")));
    }

    [Fact]
    public async Task A_read_only_server_lets_in_who_allows_it_answers_reads_and_refuses_writes()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        using var before = await RawConnection.ConnectAsync(server);
        await before.CreateAsync("/e", flags: 1);
        await server.SetReadOnlyAsync(true);
        Assert.Empty(await before.ReadToEndAsync());

        using var strict = await RawConnection.OpenAsync(server);
        await strict.SendAsync(new ConnectRequest(0, 0, 4_000, 0, null, false).Write);
        Assert.Empty(await strict.ReadToEndAsync());
        using var old = await RawConnection.OpenAsync(server);
        await old.SendAsync(new ConnectRequest(0, 0, 4_000, 0, null, null).Write);
        Assert.Empty(await old.ReadToEndAsync());

        using var lenient = await RawConnection.OpenAsync(server);
        await lenient.GreetAsync(new ConnectRequest(0, 0, 4_000, 0, null, true));
        Assert.True(lenient.Greeting.ReadOnly);
        Assert.NotEqual(0, lenient.Greeting.SessionId);
        Assert.Equal(ZooKeeperErrorCode.Ok, (await lenient.CallAsync(1, OpCode.Exists, Request.Exists("/e").Write)).Error);
        Assert.Equal(ZooKeeperErrorCode.NotReadOnly, (await lenient.CreateAsync("/no")).Error);
        Assert.Equal(ZooKeeperErrorCode.NotReadOnly, (await lenient.CallAsync(2, OpCode.Sync, Request.OfPath(OpCode.Sync, "/").Write)).Error);
        Assert.DoesNotContain(lenient.Greeting.SessionId, server.Sessions);

        await server.SetReadOnlyAsync(false);
        Assert.Empty(await lenient.ReadToEndAsync());
        using var pretended = await RawConnection.ConnectAsync(server, resume: lenient.Greeting);
        Assert.Equal(0, pretended.Greeting.SessionId);
        using var back = await RawConnection.ConnectAsync(server, resume: before.Greeting);
        Assert.Equal((before.Greeting.SessionId, false), (back.Greeting.SessionId, back.Greeting.ReadOnly));
        Assert.Equal(ZooKeeperErrorCode.Ok, (await back.CallAsync(1, OpCode.Exists, Request.Exists("/e").Write)).Error);
    }

    [Fact]
    public async Task While_read_only_no_session_ends_and_a_real_one_is_read_under_its_own_id()
    {
        var time = new FakeTimeProvider();
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { TimeProvider = time });
        using var real = await RawConnection.ConnectAsync(server, 1_000);
        await server.SetReadOnlyAsync(true);
        time.Advance(TimeSpan.FromMinutes(1));
        using var reading = await RawConnection.OpenAsync(server);
        await reading.GreetAsync(new ConnectRequest(0, 0, 1_000, real.Greeting.SessionId, real.Greeting.Password, true));
        Assert.Equal(real.Greeting.SessionId, reading.Greeting.SessionId);
        Assert.Equal(ZooKeeperErrorCode.Ok, (await reading.CallAsync(1, OpCode.CloseSession)).Error);
        await server.SetReadOnlyAsync(false);
        Assert.Equal([real.Greeting.SessionId], server.Sessions);
    }

    [Theory]
    [InlineData(false, "rw", "Mode: standalone")]
    [InlineData(true, "ro", "Mode: read-only")]
    public async Task Words_tell_whether_it_is_read_only(bool readOnly, string isro, string mode)
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { EmulatedVersion = EmulatedVersion.V36 });
        await server.SetReadOnlyAsync(readOnly);
        Assert.Equal(isro, await AskAsync(server, "isro"));
        Assert.Contains(mode, await AskAsync(server, "srvr"), StringComparison.Ordinal);
        Assert.Contains("3.6.4", await AskAsync(server, "srvr"), StringComparison.Ordinal);
        Assert.Equal("imok", await AskAsync(server, "ruok"));
    }

    [Fact]
    public async Task The_configuration_lists_the_members_and_a_script_may_change_it()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { Members = Members });
        using var client = await Talker.ConnectAsync(server.Port);
        var first = await client.DoAsync(Request.GetData("/zookeeper/config", watch: true));
        Assert.Equal(
            "server.1=10.0.0.1:2888:3888:participant;0.0.0.0:2181\nserver.2=10.0.0.2:2888:3888:participant;10.0.0.2:2181\nserver.3=10.0.0.3:2888:3888:observer;0.0.0.0:2181\nversion=0",
            Encoding.UTF8.GetString(first.Data!));

        await server.SetMembersAsync(Members[..2]);

        Assert.Equal("NodeDataChanged /zookeeper/config", await client.NextEventAsync());
        var second = await client.DoAsync(Request.GetData("/zookeeper/config"));
        Assert.EndsWith($"10.0.0.2:2181\nversion={second.Stat.Mzxid:x}", Encoding.UTF8.GetString(second.Data!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reconfig_needs_the_super_user_the_right_version_and_members_that_can_be_read()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { Members = Members, ReconfigEnabled = true, SuperDigest = Super });
        using var client = await Talker.ConnectAsync(server.Port);
        Assert.Equal(ZooKeeperErrorCode.NoAuth, await client.ErrorOfAsync(Request.Reconfig(leaving: "3")));
        await client.DoAsync(Request.Auth("digest", "super:test"));
        Assert.Equal(ZooKeeperErrorCode.BadVersion, await client.ErrorOfAsync(Request.Reconfig(leaving: "3", version: 7)));
        Assert.Equal(ZooKeeperErrorCode.BadArguments, await client.ErrorOfAsync(Request.Reconfig(joining: "server.x=y")));
        Assert.Equal(ZooKeeperErrorCode.BadArguments, await client.ErrorOfAsync(Request.Reconfig(leaving: "1,2")));

        var changed = await client.DoAsync(Request.Reconfig("server.4=d:1:2;3", "3", version: 0));

        var content = Encoding.UTF8.GetString(changed.Data!);
        Assert.Contains("server.4=d:1:2:participant;0.0.0.0:3", content, StringComparison.Ordinal);
        Assert.DoesNotContain("server.3", content, StringComparison.Ordinal);
        Assert.EndsWith($"version={changed.Zxid:x}", content, StringComparison.Ordinal);
        Assert.Equal(changed.Zxid, changed.Stat.Mzxid);
        var replaced = await client.DoAsync(Request.Reconfig(members: string.Join(',', Members), version: changed.Zxid));
        Assert.Contains("server.3", Encoding.UTF8.GetString(replaced.Data!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server.1=a:1:2")]
    [InlineData("1=a:1:2;3")]
    [InlineData("server.1=a:1:x;3")]
    [InlineData("server.1=a:1:2:leader;3")]
    public async Task A_member_that_cannot_be_read_is_named(string member)
    {
        var failure = await Assert.ThrowsAsync<FormatException>(() => EmbeddedZooKeeperServer.StartAsync(new() { Members = [member] }));
        Assert.Contains($"'{member}'", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(EmbeddedZooKeeperServer server, string word)
    {
        using var connection = await RawConnection.OpenAsync(server);
        await connection.SendBytesAsync(Encoding.ASCII.GetBytes(word));
        return Encoding.ASCII.GetString(await connection.ReadToEndAsync());
    }
}
