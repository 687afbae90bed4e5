using System.Net;
using System.Net.Sockets;

namespace RingKeeper.Testing;

/// <summary>Finds loopback ports for servers that must come back on the same port.</summary>
/// <remarks>
/// The ports lie below the range Linux gives to outgoing connections: a client that keeps dialling a dead server would
/// otherwise now and then be given that very port as its own, connect to itself, and keep the server from returning.
/// </remarks>
internal static class FreePort
{
    private const int First = 12_000;
    private const int Count = 20_000;

    private static int _next = (int)((uint)Environment.ProcessId * 2_654_435_761u % Count);

    /// <summary>Returns a port nobody listens on; each is given once a process until all have been.</summary>
    public static int Next()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (Interlocked.Increment(ref _next) & int.MaxValue) % Count;
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No port from {First} to {First + Count - 1} is free on the loopback address.");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }
}
