using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>A request as a fault sees it.</summary>
/// <param name="SessionId">The session that sent it.</param>
/// <param name="Operation">The operation: <c>Create</c>, <c>Create2</c>, <c>GetData</c>, <c>Multi</c> and so on.</param>
/// <param name="Path">The path it names first; for a multi that of its first operation; empty where there is none.</param>
/// <param name="IsWrite">Whether it is one that changes something: a create, delete, set, multi, reconfig or the end of the session.</param>
public readonly record struct ServerRequest(long SessionId, string Operation, string Path, bool IsWrite)
{
    private const int MultiHeaderLength = 9;

    internal static ServerRequest Read(long sessionId, OpCode type, JuteReader body)
    {
        var isWrite = type is OpCode.Multi or OpCode.CloseSession || (type != OpCode.Sync && ReadOnlyMode.Refuses(type));
        return new ServerRequest(sessionId, type.ToString(), PathOf(type, body), isWrite);
    }

    private static string PathOf(OpCode type, JuteReader body)
    {
        try
        {
            if (type is OpCode.Multi or OpCode.MultiRead)
            {
                if (body.Remaining <= MultiHeaderLength || MultiHeader.Read(ref body).Done)
                {
                    return "";
                }
            }

            return type is OpCode.Ping or OpCode.Auth or OpCode.CloseSession or OpCode.SetWatches or OpCode.SetWatches2 or OpCode.WhoAmI or OpCode.Reconfig or OpCode.Sasl
                ? ""
                : body.ReadString() ?? "";
        }
        catch (JuteException)
        {
            // Its answer will say so.
            return "";
        }
    }
}
