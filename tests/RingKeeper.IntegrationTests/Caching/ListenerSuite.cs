using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>When one subscription tells that something may have been missed; the same on every stack.</summary>
public abstract class ListenerSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    private const string Gap = nameof(CacheNoticeKind.Gap);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    protected TStack Stack { get; } = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Stack.DisposeAsync();
    }

    [Fact]
    public async Task Each_loss_and_each_hearing_is_a_gap_and_so_is_every_interval_in_between()
    {
        await Stack.StartEmptyAsync();
        await Stack.StartShardAsync("shard1");
        await using var client = await SingleConnector.ConnectAsync(Stack.Shards["shard1"].Addr, cancellationToken: Cancel.Soon);
        var events = Channel.CreateUnbounded<string>();
        var options = new CacheBackplaneOptions { CheckInterval = Soon, DeafInterval = Soon, Logger = new EventNames(events.Writer) };
        await using var listener = new ShardListener(((IShardDoors)client).Doors![0], options, Guid.NewGuid(), notice => events.Writer.TryWrite($"{notice.Kind}"));
        await UntilAsync(events.Reader, nameof(CacheLog.ShardHeard));
        Assert.Equal(Gap, await events.Reader.ReadAsync(Cancel.Soon));

        Stack.Shards["shard1"].Hang();
        await UntilAsync(events.Reader, nameof(CacheLog.ShardNotHeard));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(Gap, await events.Reader.ReadAsync(Cancel.Soon));
        }

        Stack.Shards["shard1"].Resume();
        await UntilAsync(events.Reader, nameof(CacheLog.ShardHeard));
        Assert.Equal(Gap, await events.Reader.ReadAsync(Cancel.Soon));
    }

    [Fact]
    public async Task A_change_of_the_view_is_a_gap_though_every_connection_stands()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        await using var backplane = new CacheBackplane(client);
        await using var heard = await NoticeReader.StartAsync(backplane);

        await Stack.Manager.DrainShardAsync(Stack.Name, "shard1", cancellationToken: Cancel.Soon);
        await heard.WaitAsync(notice => notice.Kind == CacheNoticeKind.Gap);
    }

    private static async Task UntilAsync(ChannelReader<string> events, string name)
    {
        while (await events.ReadAsync(Cancel.Soon) != name)
        {
        }
    }

    private sealed class EventNames(ChannelWriter<string> events) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => events.TryWrite(eventId.Name!);
    }
}

/// <summary>The suite on Garnet.</summary>
public sealed class EmbeddedListenerTests : ListenerSuite<EmbeddedStack>;

/// <summary>The suite on redis-server.</summary>
[Trait("Speed", "Slow")]
public sealed class RealListenerTests : ListenerSuite<RealStack>;
