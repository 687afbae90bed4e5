namespace RingKeeper.ZooKeeper.Security;

/// <summary>A server refused the credentials: no attempt with the same ones can do better. The message names mechanism and server and holds no secret.</summary>
internal sealed class CredentialsRefusedException(string message) : Exception(message);
