namespace RingKeeper.Testing;

/// <summary>How one way through a <see cref="TcpProxy"/> treats what passes: in pieces of what length, and how late each.</summary>
internal sealed record ProxyManner
{
    public static ProxyManner Plain { get; } = new();

    /// <summary>One byte a piece, so that every frame comes split at every byte.</summary>
    public static ProxyManner ByteByByte { get; } = new() { PieceLength = 1 };

    /// <summary>The most that is sent at once, in bytes (default: all that came).</summary>
    public int PieceLength { get; init; } = int.MaxValue;

    /// <summary>How much of what came at once is cut into pieces, in bytes; the rest is sent as it is (default: all of it).</summary>
    public int Reach { get; init; } = int.MaxValue;

    /// <summary>How long a piece is held back before it is sent (default: not at all).</summary>
    public Func<TimeSpan>? Delay { get; init; }

    /// <summary>The length of the piece that begins so far into what came at once.</summary>
    public int LengthAt(int offset) => offset < Reach ? Math.Min(PieceLength, Reach - offset) : int.MaxValue;

    /// <summary>Each piece up to so late; the same seed gives the same lengths of time.</summary>
    public static ProxyManner Slow(int seed, TimeSpan upTo, int pieceLength = int.MaxValue)
    {
        var random = new Random(seed);
        return new ProxyManner
        {
            PieceLength = pieceLength,
            Delay = () =>
            {
                lock (random)
                {
                    return upTo * random.NextDouble();
                }
            },
        };
    }
}
