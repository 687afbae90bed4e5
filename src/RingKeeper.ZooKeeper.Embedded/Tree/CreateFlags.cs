namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>What the flags of a create ask for. The container flag says nothing by itself: the opcode makes a container.</summary>
internal readonly record struct CreateFlags(bool IsEphemeral, bool IsSequential, bool HasTimeToLive)
{
    public static bool TryParse(int flags, int highest, out CreateFlags parsed)
    {
        parsed = new CreateFlags(
            IsEphemeral: flags is 1 or 3,
            IsSequential: flags is 2 or 3 or 6,
            HasTimeToLive: flags is 5 or 6);
        return flags >= 0 && flags <= highest;
    }
}
