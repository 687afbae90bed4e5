using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Security;

/// <summary>Carries a SASL conversation over a connection that has just been given its session.</summary>
internal static class SaslExchange
{
    // More than any mechanism takes; a server that goes on for ever must not hold the client.
    private const int MaxSteps = 10;

    /// <exception cref="SecurityFailureException">The server cannot be talked with so; another may.</exception>
    /// <exception cref="CredentialsRefusedException">The server refused the credentials.</exception>
    public static async Task RunAsync(Stream stream, FrameReader reader, ISaslConversation conversation, byte[] first, string subject, CancellationToken cancellationToken)
    {
        var token = first;
        for (var xid = 1; xid <= MaxSteps; xid++)
        {
            await SendAsync(stream, xid, token, cancellationToken).ConfigureAwait(false);
            var challenge = await ReceiveAsync(reader, xid, subject, cancellationToken).ConfigureAwait(false);
            if (conversation.IsDone)
            {
                return;
            }

            if (challenge is null)
            {
                throw new SecurityFailureException(xid == 1
                    ? $"{subject} failed: the server is not set up for SASL. Set its JAAS file (java.security.auth.login.config), or leave SASL out here"
                    : $"{subject} failed: the server went on without proving that it knows the credentials; it may let those in that fail (zookeeper.allowSaslFailedClients)");
            }

            if (conversation.Answer(challenge) is not { } answer)
            {
                return;
            }

            token = answer;
        }

        throw new SecurityFailureException($"{subject} failed: the server did not come to an end within {MaxSteps} steps");
    }

    private static async Task SendAsync(Stream stream, int xid, byte[] token, CancellationToken cancellationToken)
    {
        var frame = new FrameWriter(64);
        frame.BeginFrame();
        new RequestHeader(xid, OpCode.Sasl).Write(frame);
        frame.WriteBuffer(token);
        frame.EndFrame();
        await stream.WriteAsync(frame.Written, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<byte[]?> ReceiveAsync(FrameReader reader, int xid, string subject, CancellationToken cancellationToken)
    {
        byte[]? challenge;
        while (!TryTake(reader, xid, subject, out challenge))
        {
            if (!await reader.ReceiveAsync(cancellationToken).ConfigureAwait(false))
            {
                throw new SecurityFailureException($"{subject} failed: the server closed the connection in the midst of it");
            }
        }

        return challenge;
    }

    private static bool TryTake(FrameReader reader, int xid, string subject, out byte[]? challenge)
    {
        challenge = null;
        if (!reader.TryTake(out var frame))
        {
            return false;
        }

        var body = new JuteReader(frame);
        var header = ReplyHeader.Read(ref body);
        if (header.Xid != xid)
        {
            throw new ProtocolViolationException($"A reply carries xid {header.Xid} in the midst of {subject}; the one due is {xid}.");
        }

        switch (header.Error)
        {
            case ZooKeeperErrorCode.Ok:
                challenge = body.ReadBuffer();
                return true;
            case ZooKeeperErrorCode.AuthFailed or ZooKeeperErrorCode.SessionClosedRequireSaslAuth:
                throw new CredentialsRefusedException($"{subject}: the server refused the credentials. Correct them and connect anew.");
            default:
                throw new SecurityFailureException($"{subject} failed: the server answered {header.Error} ({(int)header.Error})");
        }
    }
}
