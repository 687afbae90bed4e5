namespace RingKeeper.ZooKeeper;

/// <summary>Tells how fresh a cache is.</summary>
/// <param name="IsInSync">Whether it holds all that the connected server has told, and is connected.</param>
/// <param name="Zxid">The zxid of the newest change it holds. It never goes back but where the ensemble does.</param>
/// <param name="Age">How long ago it was last known to hold all that a server had told; zero or little more while it is in sync. A server itself may lag behind the others.</param>
public readonly record struct CacheFreshness(bool IsInSync, long Zxid, TimeSpan Age);
