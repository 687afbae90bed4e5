using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

/// <summary>Bytes seen on the wire of Apache ZooKeeper 3.8.0, or laid down by its record definitions.</summary>
public sealed class GoldenFrameTests
{
    [Fact]
    public void A_connect_response_is_read()
    {
        var frame = Convert.FromHexString("0000000000000fa00100000cfa7a000000000010d4da2c55d1d5b8f0d29b7991024d008a00");
        var reader = new JuteReader(frame);

        var response = ConnectResponse.Read(ref reader);

        Assert.Equal(4000, response.TimeoutMs);
        Assert.Equal(0x0100000cfa7a0000, response.SessionId);
        Assert.Equal("D4DA2C55D1D5B8F0D29B7991024D008A", Convert.ToHexString(response.Password));
        Assert.False(response.ReadOnly);
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void A_connect_response_of_an_old_server_lacks_the_last_byte()
    {
        var frame = Convert.FromHexString("0000000000000fa00100000cfa7a000000000010d4da2c55d1d5b8f0d29b7991024d008a");
        var reader = new JuteReader(frame);

        Assert.Null(ConnectResponse.Read(ref reader).ReadOnly);
    }

    [Fact]
    public void A_connect_request_takes_45_bytes()
    {
        var writer = new FrameWriter();
        writer.BeginFrame();
        new ConnectRequest(0, 5, 4000, 0, null, ReadOnly: false).Write(writer);

        Assert.Equal(45, writer.EndFrame());
        Assert.Equal(
            "0000002D" + "00000000" + "0000000000000005" + "00000FA0" + "0000000000000000" + "00000010" + new string('0', 32) + "00",
            Convert.ToHexString(writer.Written.Span));
    }

    [Fact]
    public void A_get_data_request_is_written_as_the_record_says()
    {
        var writer = new FrameWriter();
        writer.BeginFrame();
        new RequestHeader(1, OpCode.GetData).Write(writer);
        new PathWatchRecord("/a", Watch: true).Write(writer);
        writer.EndFrame();

        Assert.Equal("0000000F" + "00000001" + "00000004" + "00000002" + "2F61" + "01", Convert.ToHexString(writer.Written.Span));
    }

    [Fact]
    public async Task The_reply_to_a_refused_multi_names_the_culprit()
    {
        var frame = Convert.FromHexString("ffffffff0000000000" + "00000000" + "ffffffff00ffffff99" + "ffffff99" + "ffffffff00fffffffe" + "fffffffe" + "ffffffff01ffffffff");
        var request = new MultiRequest([ZooKeeperOp.Create("/a", default), ZooKeeperOp.Check("/b", 5), ZooKeeperOp.Delete("/c")], [], Chroot.None);

        Complete(request, frame);

        var refusal = await Assert.ThrowsAsync<ZooKeeperMultiException>(() => request.Task.AsTask());
        Assert.Equal((1, ZooKeeperErrorCode.BadVersion, "/b"), (refusal.FailedIndex, refusal.Code, refusal.Path));
    }

    [Theory]
    [InlineData("u", "p", "u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=")]
    [InlineData("super", "test", "super:D/InIHSb7yEEbrWz8b9l71RjZJU=")]
    [InlineData("bob", "secret", "bob:fyVmFCwVbTJYrznoSu1koqYEYF0=")]
    public void A_digest_acl_holds_the_digest(string user, string password, string id) =>
        Assert.Equal(new Acl(AclPermissions.All, "digest", id), Acl.Digest(user, password));

    private static void Complete(MultiRequest request, byte[] frame)
    {
        var reader = new JuteReader(frame);
        request.Complete(new ReplyHeader(1, 1, ZooKeeperErrorCode.Ok), ref reader, new WatchRegistry(_ => { }));
    }
}
