namespace RingKeeper.ZooKeeper.Security;

/// <summary>A server could not be reached securely; another attempt may do better. The message names the cause and holds no secret.</summary>
internal sealed class SecurityFailureException(string message, Exception? innerException = null) : IOException(message, innerException);
