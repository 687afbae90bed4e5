using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RingKeeper.IntegrationTests.Commands;

/// <summary>Stands before a Redis server, passes everything on, and notes the names of the commands that it is sent.</summary>
internal sealed class CommandRecorder : IAsyncDisposable
{
    // What connections say by themselves.
    private static readonly string[] Own = ["HELLO", "CLIENT", "ECHO", "SELECT", "INFO", "CONFIG", "CLUSTER", "SENTINEL"];

    // Commands whose second word is a part of their name.
    private static readonly string[] Containers = ["DEBUG", "OBJECT", "SCRIPT", "XGROUP", "XINFO"];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _sent = new();
    private readonly Task _accepting;

    public CommandRecorder(int port)
    {
        _listener.Start();
        _accepting = AcceptAsync(port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The names that came since this was asked last.</summary>
    public List<string> Take()
    {
        var names = new List<string>();
        while (_sent.TryDequeue(out var name))
        {
            names.Add(name);
        }

        return names;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync(int port)
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                talks.Add(PassOnAsync(await _listener.AcceptTcpClientAsync(), port));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task PassOnAsync(TcpClient accepted, int port)
    {
        using var client = accepted;
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, port);
        var answers = server.GetStream().CopyToAsync(client.GetStream());
        var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        while (await ReadAsync(reader) is { } words)
        {
            if (!Own.Contains(words[0]))
            {
                _sent.Enqueue(Containers.Contains(words[0]) ? $"{words[0]} {words[1]}" : words[0]);
            }

            var request = new StringBuilder($"*{words.Length}\r\n");
            foreach (var word in words)
            {
                request.Append(CultureInfo.InvariantCulture, $"${word.Length}\r\n{word}\r\n");
            }

            await server.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request.ToString()));
        }

        server.Close();
        await answers.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private static async Task<string[]?> ReadAsync(StreamReader reader)
    {
        try
        {
            if (await reader.ReadLineAsync() is not { Length: > 1 } head)
            {
                return null;
            }

            var words = new string[int.Parse(head[1..], CultureInfo.InvariantCulture)];
            for (var i = 0; i < words.Length; i++)
            {
                var length = int.Parse((await reader.ReadLineAsync())![1..], CultureInfo.InvariantCulture);
                var word = new char[length + 2];
                if (await reader.ReadBlockAsync(word) < word.Length)
                {
                    return null;
                }

                words[i] = new string(word, 0, length);
            }

            return words;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
