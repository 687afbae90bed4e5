using RingKeeper.IntegrationTests.Embedded;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>The suite against the embedded server, and where it differs on purpose: docs/embedded-zookeeper.md lists why.</summary>
public sealed class EmbeddedConformanceTests(EmbeddedServer server) : ConformanceSuite(server), IClassFixture<EmbeddedServer>
{
    [Theory]
    [InlineData((int)OpCode.Check)]
    [InlineData((int)OpCode.DeleteContainer)]
    [InlineData((int)OpCode.Sasl)]
    [InlineData((int)OpCode.CreateSession)]
    public Task Deliberately_an_operation_that_is_not_for_clients_here_is_an_unknown_one(int type) =>
        An_unknown_operation_is_answered_and_ends_the_connection_but_not_the_session(type);

    [Fact]
    public async Task Deliberately_a_wrong_password_does_not_cut_the_rightful_connection()
    {
        using var intruder = await RawConnection.ConnectAsync(Port, resume: Client.Greeting with { Password = new byte[16] });
        Assert.Equal(0, intruder.Greeting.SessionId);
        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.Exists(Root)));
    }

    [Fact]
    public async Task Deliberately_checkWatches_goes_by_the_callers_own_watches()
    {
        await Client.DoAsync(Request.GetData(Root, watch: true));
        var other = await ConnectAsync();
        Assert.Equal(NoWatcher, await other.ErrorOfAsync(Request.OfMode(OpCode.CheckWatches, Root, 3)));
    }

    [Fact]
    public async Task Deliberately_as_of_3_8_4_whoever_may_not_read_a_znode_is_not_told_about_it()
    {
        var other = await ConnectAsync();
        await other.DoAsync(Request.AddWatch(At("secret")));
        await other.DoAsync(Request.AddWatch(Root, recursive: true));
        await Client.DoAsync(Request.Auth("digest", "u:p"));
        await MakeAsync("secret", acl: Acl.CreatorOnly);
        await Client.DoAsync(Request.SetData(At("secret")));
        Assert.Empty(await other.EventsAsync());
    }

    [Fact]
    public async Task Deliberately_a_null_path_in_a_multi_is_like_any_other_body_that_cannot_be_read()
    {
        var last = (await Client.DoAsync(Request.Exists(Root))).Zxid;
        var reply = await Client.CallAsync(Request.Multi(Request.Create(At("a")), Request.Check(null)));
        Assert.Equal((MarshallingError, last + 1, 0), (reply.Error, reply.Zxid, reply.Body.Length));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.Exists(At("a"))));
    }

    [Fact]
    public async Task Deliberately_a_null_path_sets_no_watch() => Assert.Equal(MarshallingError, await Client.ErrorOfAsync(Request.OfMode(OpCode.AddWatch, null, 0)));

    [Fact]
    public async Task Deliberately_a_null_path_of_setData_is_a_bad_one_also_in_a_multi()
    {
        Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.SetData(null)));
        Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.SetAcl(null, Acl.OpenToWorld)));
        var reply = await Client.DoAsync(Request.Multi(Request.SetData(null)));
        Assert.Equal(BadArguments, Assert.Single(MultiResult.Parse(reply.Body)).Error);
    }

    [Fact]
    public async Task Deliberately_a_multiRead_of_writes_has_no_body()
    {
        var reply = await Client.CallAsync(Request.MultiRead(Request.Check(Root)));
        Assert.Equal((MarshallingError, 0), (reply.Error, reply.Body.Length));
    }

    [Theory]
    [InlineData("world")]
    [InlineData("digest")]
    [InlineData("ip")]
    public async Task Deliberately_an_identity_of_null_makes_an_ACL_invalid(string scheme) =>
        Assert.Equal(InvalidAcl, await Client.ErrorOfAsync(new Request(OpCode.SetAcl, "null id", writer =>
        {
            writer.WriteString(Root);
            writer.WriteInt32(1);
            writer.WriteInt32((int)AclPermissions.All);
            writer.WriteString(scheme);
            writer.WriteString(null);
            writer.WriteInt32(-1);
        })));

    [Fact]
    public async Task Deliberately_credentials_of_null_are_empty_ones() =>
        Assert.Equal(Ok, await Client.ErrorOfAsync(new Request(OpCode.Auth, "null credentials", writer =>
        {
            writer.WriteInt32(0);
            writer.WriteString("digest");
            writer.WriteNullBuffer();
        })));

    [Theory]
    [InlineData("wchs")]
    [InlineData("conf")]
    [InlineData("stat")]
    public async Task Deliberately_few_of_the_words_are_answered(string word)
    {
        using var connection = await RawConnection.OpenAsync(Port);
        await connection.SendBytesAsync(System.Text.Encoding.ASCII.GetBytes(word));
        Assert.Equal($"{word} is not executed because it is not in the whitelist.", System.Text.Encoding.ASCII.GetString(await connection.ReadToEndAsync()));
    }
}
