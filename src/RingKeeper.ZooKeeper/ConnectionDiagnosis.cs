namespace RingKeeper.ZooKeeper;

/// <summary>Says why a client has no connection; immutable.</summary>
/// <param name="Trouble">The kind of trouble.</param>
/// <param name="Message">What happened and what to do.</param>
/// <param name="Servers">What became of the last attempt at each server since there was a session last, by <c>host:port</c>.</param>
public sealed record ConnectionDiagnosis(ConnectionTrouble Trouble, string Message, IReadOnlyDictionary<string, string> Servers);
