namespace RingKeeper.ZooKeeper;

/// <summary>One read of a <see cref="ZooKeeperClient.MultiReadAsync"/>.</summary>
/// <param name="Path">The path.</param>
/// <param name="WantsChildren">Whether the names of the children are asked for; otherwise the data.</param>
public sealed record ZooKeeperRead(string Path, bool WantsChildren)
{
    /// <summary>Reads the data and the description.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The read.</returns>
    public static ZooKeeperRead GetData(string path) => new(path, WantsChildren: false);

    /// <summary>Lists the children.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The read.</returns>
    public static ZooKeeperRead GetChildren(string path) => new(path, WantsChildren: true);
}
