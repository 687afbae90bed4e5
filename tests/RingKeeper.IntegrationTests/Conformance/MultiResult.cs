using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>One result in the answer to a multi or multiRead, with whatever its type brings.</summary>
internal sealed record MultiResult(OpCode Type, ZooKeeperErrorCode Error, string? Path = null, Stat? Stat = null, byte[]? Data = null, IReadOnlyList<string>? Names = null)
{
    /// <summary>Takes a whole answer apart; it must end where its end mark says.</summary>
    public static IReadOnlyList<MultiResult> Parse(byte[] body)
    {
        var reader = new JuteReader(body);
        var results = new List<MultiResult>();
        while (true)
        {
            var header = MultiHeader.Read(ref reader);
            if (header.Done)
            {
                return header == MultiHeader.End && reader.Remaining == 0
                    ? results
                    : throw new InvalidOperationException($"An answer to a multi ends in {header} with {reader.Remaining} bytes left: {Convert.ToHexString(body)}");
            }

            results.Add(Read(header, ref reader));
        }
    }

    private static MultiResult Read(MultiHeader header, ref JuteReader reader)
    {
        switch (header.Type)
        {
            case OpCode.Create:
                return new MultiResult(header.Type, Ok(header), reader.ReadString());
            case OpCode.Create2:
                return new MultiResult(header.Type, Ok(header), reader.ReadString(), StatRecord.Read(ref reader));
            case OpCode.Delete or OpCode.Check:
                return new MultiResult(header.Type, Ok(header));
            case OpCode.SetData:
                return new MultiResult(header.Type, Ok(header), Stat: StatRecord.Read(ref reader));
            case OpCode.GetData:
                return new MultiResult(header.Type, Ok(header), Data: reader.ReadBuffer(), Stat: StatRecord.Read(ref reader));
            case OpCode.GetChildren:
                return new MultiResult(header.Type, Ok(header), Names: [.. reader.ReadStrings().Order(StringComparer.Ordinal)]);
            case OpCode.Error:
                var error = reader.ReadInt32();
                return error == header.Error
                    ? new MultiResult(header.Type, (ZooKeeperErrorCode)error)
                    : throw new InvalidOperationException($"A result says {header.Error} in its header and {error} in its body.");
            default:
                throw new InvalidOperationException($"A result of type {header.Type} in a multi.");
        }
    }

    private static ZooKeeperErrorCode Ok(MultiHeader header) => header.Error == 0
        ? ZooKeeperErrorCode.Ok
        : throw new InvalidOperationException($"A result of type {header.Type} carries the error {header.Error}.");
}
