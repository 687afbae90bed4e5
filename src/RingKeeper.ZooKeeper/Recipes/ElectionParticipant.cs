namespace RingKeeper.ZooKeeper;

/// <summary>One who takes part in an election.</summary>
/// <param name="Path">Its znode.</param>
/// <param name="SessionId">The session it belongs to.</param>
/// <param name="FencingToken">The zxid that created its znode, and that it leads under.</param>
/// <param name="Data">What it says of itself (<see cref="TenureOptions.Data"/>).</param>
public sealed record ElectionParticipant(string Path, long SessionId, long FencingToken, ReadOnlyMemory<byte> Data);
