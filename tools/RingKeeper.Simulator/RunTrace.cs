using System.Globalization;
using System.IO.Hashing;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.Simulator;

/// <summary>The last events of a run, told once it has gone wrong, and a digest of all that was written.</summary>
internal sealed class RunTrace(Simulation simulation)
{
    private const int Kept = 400;

    private readonly Queue<Func<string>> _last = new();
    private readonly XxHash64 _digest = new();

    public IReadOnlyList<string> Last => [.. _last.Select(static line => line())];

    public ulong Digest => _digest.GetCurrentHashAsUInt64();

    public void Note(Commit commit)
    {
        _digest.Append(BitConverter.GetBytes(commit.Zxid));
        _digest.Append(BitConverter.GetBytes(simulation.Agenda.Now));
        foreach (var operation in commit.Operations)
        {
            if (operation is SetDataOperation { Data: { } data })
            {
                _digest.Append(data);
            }
        }

        Add(() => Describe(commit));
    }

    public void Note(FormattableString what) => Add(() => what.ToString(CultureInfo.InvariantCulture));

    public ILogger LoggerOf(string source) => new TraceLogger(this, source);

    private static string Describe(Commit commit) => commit.EndsSession
        ? Invariant($"zxid {commit.Zxid}: session {commit.Session:x} ends")
        : Invariant($"zxid {commit.Zxid} of {commit.Session:x}{(commit.Succeeded ? "" : " refused")}: {string.Join("; ", commit.Operations.Select(static (o, _) => Describe(o)))}");

    private static string Describe(TreeOperation operation) => operation switch
    {
        SetDataOperation set => Invariant($"set {Short(set.Path)} v{set.Version} {Text(set.Data)}"),
        CreateOperation create => Invariant($"create {Short(create.Path)} {Text(create.Data)}"),
        DeleteOperation delete => Invariant($"delete {Short(delete.Path)} v{delete.Version}"),
        CheckOperation check => Invariant($"check {Short(check.Path)} v{check.Version}"),
        _ => operation.ToString(),
    };

    private static string Short(string path) => path.Replace(ZKPaths.Cluster(Simulation.Cluster), "", StringComparison.Ordinal);

    private static string Text(byte[]? data) => data is null ? "" : System.Text.Encoding.UTF8.GetString(data.AsSpan(0, Math.Min(data.Length, 700)));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Add(Func<string> line)
    {
        var at = simulation.Agenda.Elapsed;
        _last.Enqueue(() => Invariant($"{at.TotalSeconds,10:0.000}  {line()}"));
        if (_last.Count > Kept)
        {
            _last.Dequeue();
        }
    }

    private sealed class TraceLogger(RunTrace trace, string source) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            trace.Add(() => $"{source}: {formatter(state, exception)}");
    }
}
