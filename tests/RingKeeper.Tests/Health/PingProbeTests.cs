using System.Text;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Health;

public sealed class PingProbeTests
{
    [Theory]
    [InlineData("+PONG", ProbeOutcome.Alive)]
    [InlineData("+OK", ProbeOutcome.Garbage)]
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
        Assert.Equal(expected, PingProbe.Judge(new RespLine(answer[0] == '-', answer[1..])).Outcome);

    [Fact]
    public void Lines_are_read_however_they_trickle_in() =>
        Gen.Select(Gen.Select(Gen.Bool, Gen.String[Gen.Char["abcé +-"], 0, 30]).Array[1, 5], Gen.Int[1, 9]).Sample((lines, piece) =>
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => (line.Item1 ? "-" : "+") + line.Item2 + "\r\n")));
            var reader = new RespLineReader();
            var read = new List<(bool, string)>();
            foreach (var chunk in bytes.Chunk(piece))
            {
                ReadOnlySpan<byte> rest = chunk;
                while (reader.TryRead(rest, out var consumed, out var line))
                {
                    read.Add((line.IsError, line.Text));
                    rest = rest[consumed..];
                }
            }

            Assert.Equal(lines, read);
        });

    [Theory]
    [InlineData("$4\r\nPONG\r\n")]
    [InlineData("\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("+PONG\n")]
    [InlineData("+\n")]
    public void What_no_Redis_server_answers_is_garbage(string text) =>
        Assert.Throws<FormatException>(() => new RespLineReader().TryRead(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void A_line_without_end_is_garbage_before_it_fills_the_memory() =>
        Assert.Throws<FormatException>(() => new RespLineReader().TryRead(Encoding.UTF8.GetBytes("+" + new string('x', 5000)), out _, out _));

    [Fact]
    public void Arbitrary_bytes_are_lines_or_garbage_and_nothing_else() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            try
            {
                new RespLineReader().TryRead(bytes, out var consumed, out _);
                Assert.InRange(consumed, 0, bytes.Length);
            }
            catch (FormatException)
            {
                Assert.NotEmpty(bytes);
            }
        });

    [Fact]
    public void An_address_that_cannot_be_read_is_refused_at_once() => Assert.Throws<RingKeeperException>(() => new PingProbe("nowhere", null));
}
