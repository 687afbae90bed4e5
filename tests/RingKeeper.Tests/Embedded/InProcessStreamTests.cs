using RingKeeper.ZooKeeper.Embedded.InProcess;
using Xunit;

namespace RingKeeper.Tests.Embedded;

/// <summary>A connection inside the process behaves as a socket does: in order, with a bound, and with an end that both sides see.</summary>
public sealed class InProcessStreamTests
{
    private const int More = 3 * 64 * 1024;

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System).Token;

    [Fact]
    public async Task Bytes_come_in_order_and_a_writer_far_ahead_waits_for_its_reader()
    {
        var (client, server) = InProcessStream.CreatePair();
        var sent = new byte[More];
        new Random(1).NextBytes(sent);
        var writing = client.WriteAsync(sent, Soon).AsTask();
        Assert.False(writing.IsCompleted);

        var received = new byte[More];
        for (var read = 0; read < More;)
        {
            read += await server.ReadAsync(received.AsMemory(read, Math.Min(1_000, More - read)), Soon);
        }

        await writing;
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task A_side_that_is_disposed_of_ends_its_own_waits_and_after_what_was_sent_the_other_side()
    {
        var (client, server) = InProcessStream.CreatePair();
        var waiting = server.ReadAsync(new byte[1], Soon).AsTask();
        await client.WriteAsync(new byte[] { 1, 2 }, Soon);
        Assert.Equal(1, await waiting);
        var reading = client.ReadAsync(new byte[1], Soon).AsTask();

        await client.DisposeAsync();

        await Assert.ThrowsAsync<IOException>(() => reading);
        await Assert.ThrowsAsync<IOException>(() => client.WriteAsync(new byte[1], Soon).AsTask());
        var rest = new byte[4];
        Assert.Equal((1, (byte)2), (await server.ReadAsync(rest, Soon), rest[0]));
        Assert.Equal(0, await server.ReadAsync(rest, Soon));
        await Assert.ThrowsAsync<IOException>(() => server.WriteAsync(new byte[1], Soon).AsTask());
    }

    [Fact]
    public async Task A_writer_that_waits_for_room_ends_with_its_reader()
    {
        var (client, server) = InProcessStream.CreatePair();
        var writing = client.WriteAsync(new byte[More], Soon).AsTask();
        await server.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => writing);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_and_loses_nothing()
    {
        var (client, server) = InProcessStream.CreatePair();
        using var impatience = new CancellationTokenSource();
        var reading = server.ReadAsync(new byte[1], impatience.Token).AsTask();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await client.WriteAsync(new byte[] { 7 }, Soon);
        var read = new byte[1];
        Assert.Equal((1, (byte)7), (await server.ReadAsync(read, Soon), read[0]));
    }

    [Fact]
    public async Task One_direction_may_end_alone()
    {
        var (client, server) = InProcessStream.CreatePair();
        server.EndWriting();
        Assert.Equal(0, await client.ReadAsync(new byte[1], Soon));
        await client.WriteAsync(new byte[1], Soon);
        Assert.Equal(1, await server.ReadAsync(new byte[1], Soon));
    }
}
