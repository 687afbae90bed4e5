using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>A user's connection to one of the hub's servers, and the news that came over it, in their order.</summary>
internal sealed class HubReader : IAsyncDisposable
{
    private readonly HubConnection _connection;
    private readonly List<string> _news = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _came = [];

    private HubReader(HubConnection connection) => _connection = connection;

    public string Id => _connection.ConnectionId!;

    /// <summary>All that has come so far.</summary>
    public IReadOnlyList<string> News
    {
        get
        {
            lock (_news)
            {
                return [.. _news];
            }
        }
    }

    public static async Task<HubReader> ConnectAsync(HubServer server, string user)
    {
        var connection = new HubConnectionBuilder().WithUrl($"{server.Url}?user={user}", HttpTransportType.WebSockets).Build();
        var reader = new HubReader(connection);
        connection.On<string>("news", reader.Take);
        await connection.StartAsync(Cancel.Soon);
        return reader;
    }

    /// <summary>Calls a method of the hub; returns when it has ended there.</summary>
    public Task CallAsync(string method, params string[] arguments) => _connection.InvokeCoreAsync(method, arguments, Cancel.Soon);

    public Task CameAsync(string news) => Of(news).Task.WaitAsync(Cancel.Soon);

    public bool HasCome(string news) => Of(news).Task.IsCompleted;

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private void Take(string news)
    {
        lock (_news)
        {
            _news.Add(news);
        }

        Of(news).TrySetResult();
    }

    private TaskCompletionSource Of(string news) => _came.GetOrAdd(news, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
