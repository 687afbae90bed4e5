using Microsoft.Extensions.Logging;
using RingKeeper.Cli;
using RingKeeper.Cli.Documents;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class TerminalTextTests : IDisposable
{
    // Clears the screen, sets the title, turns the line round, ends it, rings.
    private const string Hostile = "a\u001b[2J\u001b]0;pwned\u0007\u202eb\nc\u0085\u009b1m\u2028\u007f[red]";
    private const string Shown = "a\\u001b[2J\\u001b]0;pwned\\u0007\\u202eb\\u000ac\\u0085\\u009b1m\\u2028\\u007f[red]";
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_terminal_would_obey_is_shown_as_its_number_in_lines_diagnostics_and_tables(bool isInteractive)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var cli = new CliOutput(new CliEnvironment { Output = output, Error = error, GetVariable = static _ => null, IsInteractive = isInteractive });

        cli.WriteLine(Hostile);
        cli.WriteDiagnostic(Hostile);
        cli.WriteTable(["name", "n"], [[Hostile, "1"]]);

        Assert.Equal($"{Shown}{Environment.NewLine}", error.ToString());
        var lines = output.ToString().Split(Environment.NewLine);
        Assert.Equal(Shown, lines[0]);
        Assert.DoesNotContain(lines, static line => line.Any(static c => TerminalText.IsObeyed(c)));
        Assert.Contains(isInteractive ? "\\u001b[2J" : $"{Shown}  1", string.Join('\n', lines[1..]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_stays_exact_and_holds_nothing_that_a_terminal_obeys()
    {
        var handlers = new CliHandlers
        {
            ListClusters = (_, output, _) =>
            {
                output.WriteJson(new { Name = Hostile });
                return Task.FromResult(0);
            },
        };

        Assert.Equal(0, await _cli.RunAsync(handlers, "cluster", "list"));

        Assert.DoesNotContain(_cli.Output.TrimEnd(), static c => TerminalText.IsObeyed(c));
        using var json = System.Text.Json.JsonDocument.Parse(_cli.Output);
        Assert.Equal(Hostile, json.RootElement.GetProperty("name").GetString());
    }

    [Fact]
    public void Documents_escape_it_themselves_so_that_they_are_written_as_they_are()
    {
        var cluster = new ClusterDocument(Hostile, new ZKClusterOptions(), [new Shard(Hostile, ":1")]);

        Assert.All(ClusterDocumentWriter.ToYaml(cluster).Concat(ClusterDocumentWriter.ToJson([cluster])), static line => Assert.Equal(line, TerminalText.Of(line)));
        Assert.Equal(Hostile, ClusterDocumentReader.Read("f", Clusters.Write(json: false, cluster))[0].Name);
        Assert.Equal(Hostile, ClusterDocumentReader.Read("f", Clusters.Write(json: true, cluster))[0].Shards[0].Name);
    }

    [Fact]
    public void Lines_of_the_log_hold_nothing_that_a_terminal_obeys_and_their_exception_too()
    {
        using var written = new Written();
        using var loggers = new TerminalLoggers(LoggerFactory.Create(builder => builder.AddProvider(written)));

        loggers.CreateLogger("RingKeeper").Log(LogLevel.Error, default, Hostile, new RingKeeperException(Hostile), static (state, _) => state);

        var line = Assert.Single(written.Lines);
        Assert.DoesNotContain(line, static c => TerminalText.IsObeyed(c));
        Assert.StartsWith($"{Shown.Replace("\\u000a", " ", StringComparison.Ordinal)} RingKeeper.RingKeeperException: a\\u001b[2J", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_text_stays_as_it_is() => Assert.Equal("Zürich 東京 🚀 [a] {b}", TerminalText.Of("Zürich 東京 🚀 [a] {b}"));

    private sealed class Written : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{formatter(state, exception)}{exception}");

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
