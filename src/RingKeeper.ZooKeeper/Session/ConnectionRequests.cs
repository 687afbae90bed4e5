using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Credentials. They travel outside the order of replies and are sent again on each connection.</summary>
internal sealed class AuthRequest(AuthRecord credentials)
    : Request<bool>(OpCode.Auth, path: null, RequestBody.Encode(credentials), static (ref JuteReader _, Chroot _) => true, Chroot.None)
{
    public AuthRecord Credentials { get; } = credentials;

    public override string Subject => $"the credentials of scheme {Credentials.Scheme}";

    public void Accept() => TryFinish(true);
}

/// <summary>closeSession. Nobody learns of its failure: closing ends either way.</summary>
internal sealed class CloseSessionRequest() : Request(OpCode.CloseSession, path: null, [])
{
    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches) => true;

    public override void Fail(ZooKeeperErrorCode code, OperationOutcome outcome, string? message)
    {
        // The server expires the session.
    }
}

/// <summary>The other side broke a rule of the protocol; the connection is of no use any more.</summary>
internal sealed class ProtocolViolationException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>A server answered the handshake and gave no session.</summary>
internal sealed class SessionRefusedException(string message) : Exception(message);
