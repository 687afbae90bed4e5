namespace RingKeeper.ZooKeeper.Embedded.InProcess;

/// <summary>One end of a connection inside this process. To dispose of it ends both directions: the other end reads what was written, and then the end.</summary>
internal sealed class InProcessStream : Stream
{
    // What a socket holds back by default, more or less.
    private const int Capacity = 64 * 1024;

    private readonly BytePipe _incoming;
    private readonly BytePipe _outgoing;

    private InProcessStream(BytePipe incoming, BytePipe outgoing) => (_incoming, _outgoing) = (incoming, outgoing);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static (InProcessStream Client, InProcessStream Server) CreatePair()
    {
        var (up, down) = (new BytePipe(Capacity), new BytePipe(Capacity));
        return (new InProcessStream(down, up), new InProcessStream(up, down));
    }

    /// <summary>Ends the own direction only.</summary>
    public void EndWriting() => _outgoing.End();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _incoming.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _outgoing.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _incoming.Close();
        _outgoing.End();
        base.Dispose(disposing);
    }
}
