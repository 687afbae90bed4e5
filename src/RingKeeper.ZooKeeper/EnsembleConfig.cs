namespace RingKeeper.ZooKeeper;

/// <summary>The configuration of an ensemble as <c>/zookeeper/config</c> holds it (ZooKeeper 3.5, dynamic configuration).</summary>
/// <param name="Version">The version, to give to a conditional reconfiguration; -1 where the server keeps none, as one that stands alone.</param>
/// <param name="Members">The servers.</param>
/// <param name="Text">The configuration as the server wrote it, with weights and groups.</param>
/// <param name="Stat">The description of the znode.</param>
public sealed record EnsembleConfig(long Version, IReadOnlyList<EnsembleMember> Members, string Text, Stat Stat);
