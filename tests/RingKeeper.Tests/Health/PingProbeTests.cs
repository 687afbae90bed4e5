using System.Text;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Health;

public sealed class PingProbeTests
{
    [Theory]
    [InlineData("+PONG", ProbeOutcome.Alive)]
    [InlineData("+OK", ProbeOutcome.Garbage)]
    [InlineData("-MISCONF Redis is configured to save RDB snapshots", ProbeOutcome.Unwritable)]
    [InlineData("-READONLY You can't write against a read only replica.", ProbeOutcome.Unwritable)]
    [InlineData("-OOM command not allowed when used memory > 'maxmemory'.", ProbeOutcome.Unwritable)]
    [InlineData("-NOREPLICAS Not enough good replicas to write.", ProbeOutcome.Unwritable)]
    [InlineData("-LOADING Redis is loading the dataset in memory", ProbeOutcome.Unready)]
    [InlineData("-MASTERDOWN Link with MASTER is down", ProbeOutcome.Unready)]
    [InlineData("-BUSY Redis is busy running a script", ProbeOutcome.Busy)]
    [InlineData("-NOAUTH Authentication required.", ProbeOutcome.Misconfigured)]
    [InlineData("-WRONGPASS invalid username-password pair", ProbeOutcome.Misconfigured)]
    [InlineData("-NOPERM this user has no permissions", ProbeOutcome.Misconfigured)]
    [InlineData("-DENIED Redis is running in protected mode", ProbeOutcome.Misconfigured)]
    [InlineData("-ERR max number of clients reached", ProbeOutcome.Failed)]
    [InlineData("-BUSYGROUP", ProbeOutcome.Failed)]
    public void An_answer_means_what_its_code_says(string answer, ProbeOutcome expected) =>
        Assert.Equal(expected, PingProbe.Judge(new RespReply(answer[0] == '-', answer[1..])).Outcome);

    [Fact]
    public void Answers_are_read_however_they_trickle_in() =>
        Gen.Select(Gen.Select(Gen.Int[0, 2], Gen.String[Gen.Char["abcé +-$\r\n"], 0, 30]).Array[1, 5], Gen.Int[1, 9]).Sample((drawn, piece) =>
        {
            var replies = drawn.Select(one => one.Item1 == 2 ? new RespReply(false, one.Item2, IsBulk: true) : new RespReply(one.Item1 == 1, one.Item2.ReplaceLineEndings("."))).ToArray();
            var bytes = replies.SelectMany(reply => Encoding.UTF8.GetBytes(
                reply.IsBulk ? $"${Encoding.UTF8.GetByteCount(reply.Text)}\r\n{reply.Text}\r\n" : $"{(reply.IsError ? '-' : '+')}{reply.Text}\r\n")).ToArray();
            var reader = new RespReader();
            var read = new List<RespReply>();
            foreach (var chunk in bytes.Chunk(piece))
            {
                ReadOnlySpan<byte> rest = chunk;
                while (reader.TryRead(rest, out var consumed, out var reply))
                {
                    read.Add(reply);
                    rest = rest[consumed..];
                }
            }

            Assert.Equal(replies, read);
        });

    [Theory]
    [InlineData("$3\r\nPONG\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("$\r\n")]
    [InlineData("$99999999\r\n")]
    [InlineData(":1\r\n")]
    [InlineData("\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("+PONG\n")]
    [InlineData("+\n")]
    public void What_no_Redis_server_answers_is_garbage(string text) =>
        Assert.Throws<FormatException>(() => new RespReader().TryRead(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void A_line_without_end_is_garbage_before_it_fills_the_memory() =>
        Assert.Throws<FormatException>(() => new RespReader().TryRead(Encoding.UTF8.GetBytes("+" + new string('x', 5000)), out _, out _));

    [Fact]
    public void Arbitrary_bytes_are_lines_or_garbage_and_nothing_else() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            try
            {
                new RespReader().TryRead(bytes, out var consumed, out _);
                Assert.InRange(consumed, 0, bytes.Length);
            }
            catch (FormatException)
            {
                Assert.NotEmpty(bytes);
            }
        });

    [Fact]
    public void The_answer_for_a_key_that_is_not_there_is_an_empty_text()
    {
        Assert.True(new RespReader().TryRead("$-1\r\n"u8, out var consumed, out var reply));
        Assert.Equal((5, new RespReply(false, "", IsBulk: true)), (consumed, reply));
    }

    [Fact]
    public void A_text_where_PONG_is_due_is_garbage() => Assert.Equal(ProbeOutcome.Garbage, PingProbe.Judge(new RespReply(false, "PONG", IsBulk: true)).Outcome);

    [Theory]
    [InlineData("# Server\r\nredis_version:8.0\r\nrun_id:0a1b\r\n", "0a1b", null)]
    [InlineData("# Replication\r\nrole:slave\r\nmaster_host:h\r\n", null, "slave")]
    [InlineData("role:master\nrun_id:\n", null, "master")]
    [InlineData("role:sentinel\r\nrun_id:<script>\r\n", null, null)]
    [InlineData("my_run_id:1\r\n", null, null)]
    [InlineData("", null, null)]
    public void What_a_server_says_of_itself_is_taken_only_where_it_can_be_so(string info, string? runId, string? role) =>
        Assert.Equal((runId, role), (ServerInfo.RunIdIn(info), ServerInfo.RoleIn(info)));

    [Fact]
    public void An_address_that_cannot_be_read_is_refused_at_once() => Assert.Throws<RingKeeperException>(() => new PingProbe("nowhere", null));
}
