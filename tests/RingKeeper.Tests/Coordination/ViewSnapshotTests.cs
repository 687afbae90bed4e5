using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public sealed class ViewSnapshotTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly string _folder = Directory.CreateTempSubdirectory("ringkeeper-snapshot-").FullName;
    private readonly StepClock _clock = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_snapshot_comes_back_whole_with_fields_that_this_version_does_not_know()
    {
        var options = ZNodeCodec.DecodeOptions("o", """{"FailoverEnabled":true,"RingType":"Rendezvous","RingParams":"","HashTag":"{}","ExpectedCheckers":3,"Later":{"a":[1,"é"]}}"""u8);
        var shards = ZNodeCodec.DecodeShards("s", """[{"Name":"ä","Addr":"10.0.0.1:1","Weight":3,"Drained":true},{"Name":"b","Addr":":2"}]"""u8);
        var statuses = new Dictionary<string, ShardStatus> { ["10.0.0.1:1"] = new("10.0.0.1:1", true, 7), ["gone:1"] = new("gone:1", false, long.MaxValue) };
        var snapshot = new ViewSnapshot(
            new ZKClusterInfo("shop", 1795361502119689, options, shards) { Revision = new ZKClusterRevision(5, 60, 7) }, 80, statuses, DateTimeOffset.UnixEpoch.AddMicroseconds(1795361502119689));

        var read = ViewSnapshotCodec.Decode(ViewSnapshotCodec.Encode(snapshot));

        Assert.Equal(snapshot.Cluster with { Shards = [] }, read.Cluster with { Shards = [] });
        Assert.Equal(snapshot.Cluster.Shards, read.Cluster.Shards);
        Assert.Equal(statuses, read.Statuses);
        Assert.Equal((80, snapshot.ConfirmedAt), (read.StatusVersion, read.ConfirmedAt));
        Assert.Equal(ViewSnapshotCodec.Encode(snapshot), ViewSnapshotCodec.Encode(read));
        var view = read.ToView(read.Cluster.Options.CreateRingBuilder());
        Assert.Equal((60, 1795361502119689, 80), (view.TopologyVersion, view.TopologyStamp, view.StatusVersion));
        Assert.Equal(statuses["10.0.0.1:1"], view.StatusOf(0));
        Assert.Null(view.StatusOf(1));
    }

    [Fact]
    public async Task Every_cut_and_every_changed_byte_is_refused_by_name()
    {
        var file = Path.Combine(_folder, "shop");
        var whole = ViewSnapshotCodec.Encode(Snapshot());
        for (var i = 0; i < whole.Length; i++)
        {
            Assert.Throws<RingKeeperException>(() => ViewSnapshotCodec.Decode(whole.AsSpan(0, i)));
            byte[] changed = [.. whole];
            changed[i] ^= 1;
            Assert.Throws<RingKeeperException>(() => ViewSnapshotCodec.Decode(changed));
        }

        await File.WriteAllBytesAsync(file, whole[..^1]);
        var refusal = Assert.Throws<RingKeeperException>(() => ViewSnapshotFile.Read(file, "shop"));
        Assert.Contains($"'{file}' is refused: it is cut short or damaged", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_snapshot_of_this_cluster_is_refused_with_the_reason()
    {
        var file = Path.Combine(_folder, "shop");
        Assert.Contains("does not exist", Refusal(file), StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "");
        Assert.Contains("it is empty", Refusal(file), StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "{\"Name\":\"shop\"}");
        Assert.Contains("does not begin as a snapshot does", Refusal(file), StringComparison.Ordinal);

        await File.WriteAllBytesAsync(file, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ViewSnapshotCodec.Encode(Snapshot())).Replace("snapshot 1", "snapshot 2", StringComparison.Ordinal)));
        Assert.Contains("it has format 2, and this version reads format 1", Refusal(file), StringComparison.Ordinal);

        await File.WriteAllBytesAsync(file, ViewSnapshotCodec.Encode(Snapshot()));
        Assert.Contains("it is of cluster 'shop', not of 'other'", Refusal(file, "other"), StringComparison.Ordinal);
        Assert.Equal("shop", ViewSnapshotFile.Read(file, "shop").Cluster.Name);

        File.Delete(file);
        Directory.CreateDirectory(file);
        Assert.Contains($"'{file}'", Refusal(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_replaced_as_one_and_is_its_owners_alone()
    {
        var file = Path.Combine(_folder, "shop");
        await File.WriteAllTextAsync(file, "before");
        await ViewSnapshotFile.WriteAsync(file, "after"u8.ToArray(), default);

        Assert.Equal("after", await File.ReadAllTextAsync(file));
        Assert.Equal([file], Directory.GetFiles(_folder));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task A_failed_write_leaves_the_earlier_file_and_nothing_else()
    {
        var file = Path.Combine(_folder, "folder");
        Directory.CreateDirectory(file);
        await Assert.ThrowsAnyAsync<Exception>(() => ViewSnapshotFile.WriteAsync(file, "x"u8.ToArray(), default));

        Assert.Equal([file], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Views_in_a_row_are_written_as_the_last_of_them_and_the_end_says_until_when_it_was_confirmed()
    {
        var file = Path.Combine(_folder, "shop");
        using var confirmation = Confirmation(new CollectingLogger());
        confirmation.End(confirmation.BeginCheck());
        var writer = new ViewSnapshotWriter(file, "shop", confirmation, _clock, new CollectingLogger());
        for (var version = 1; version <= 100; version++)
        {
            writer.Keep(Cluster(), View(version));
        }

        _clock.Advance(TimeSpan.FromSeconds(30));
        await writer.DisposeAsync().AsTask().WaitAsync(Soon);

        var read = ViewSnapshotFile.Read(file, "shop");
        Assert.Equal((100, _clock.GetUtcNow()), (read.StatusVersion, read.ConfirmedAt));
    }

    [Fact]
    public async Task A_confirmed_view_that_does_not_change_is_stamped_again_now_and_then()
    {
        var file = Path.Combine(_folder, "shop");
        using var confirmation = Confirmation(new CollectingLogger());
        confirmation.End(confirmation.BeginCheck());
        var writer = new ViewSnapshotWriter(file, "shop", confirmation, _clock, new CollectingLogger());
        writer.Keep(Cluster(), View(1));

        // Each wait of the loop begins when it has written.
        await _clock.WaitBegunAsync(ViewSnapshotWriter.RestampInterval);
        await _clock.WaitBegunAsync(ViewSnapshotWriter.RestampInterval);
        var first = ViewSnapshotFile.Read(file, "shop").ConfirmedAt;
        _clock.Advance(ViewSnapshotWriter.RestampInterval);
        await _clock.WaitBegunAsync(ViewSnapshotWriter.RestampInterval);

        Assert.Equal(first + ViewSnapshotWriter.RestampInterval, ViewSnapshotFile.Read(file, "shop").ConfirmedAt);
        await writer.DisposeAsync();
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_a_warning_that_names_it()
    {
        var file = Path.Combine(_folder, "missing", "shop");
        var log = new CollectingLogger();
        using var confirmation = Confirmation(log);
        var writer = new ViewSnapshotWriter(file, "shop", confirmation, _clock, log);
        writer.Keep(Cluster(), View(1));
        await writer.DisposeAsync().AsTask().WaitAsync(Soon);

        var line = Assert.Single(log.Lines);
        Assert.Contains(file, line, StringComparison.Ordinal);
        Assert.StartsWith("Warning", line, StringComparison.Ordinal);
    }

    private static string Refusal(string file, string cluster = "shop") => Assert.Throws<RingKeeperException>(() => ViewSnapshotFile.Read(file, cluster)).Message;

    private static ZKClusterInfo Cluster() => new("shop", 1, new ZKClusterOptions(), [new Shard("a", ":1")]) { Revision = new ZKClusterRevision(1, 2, 3) };

    private static ViewSnapshot Snapshot() => ViewSnapshot.Of(Cluster(), View(4), DateTimeOffset.UnixEpoch.AddDays(20_000));

    private static ClusterView View(long statusVersion) =>
        new(new ConsistentRingBuilder("4").Build(Cluster().Shards), true, 2, 1, statusVersion, ImmutableDictionary<string, ShardStatus>.Empty.Add(":1", new ShardStatus(":1", true, 1)));

    private ViewConfirmation Confirmation(ILogger logger) => new("shop", new ClusterOptions { TimeProvider = _clock }, logger, static _ => { });

    private sealed class CollectingLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{logLevel} {eventId.Id} {formatter(state, exception)}");
    }
}
