using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RingKeeper.Cli.Handlers;

/// <summary>Draws the status of a fleet for a terminal; what a colour says is also a word. Pure.</summary>
internal static class StatusTable
{
    /// <summary>Below it, a terminal has no room for addresses and ids.</summary>
    public const int Wide = 100;

    /// <summary>Draws it.</summary>
    /// <param name="news">What is known.</param>
    /// <param name="now">The present, µs since the Unix epoch.</param>
    /// <param name="sinceRead">How long ago the fleet was read.</param>
    /// <param name="width">How wide the terminal is.</param>
    public static IRenderable Of(FleetNews news, long now, TimeSpan sinceRead, int width)
    {
        var rows = new List<IRenderable>();
        if (news.Fleet is { } fleet)
        {
            rows.Add(Safe(StatusReport.Heading(fleet)));
            rows.Add(Shards(fleet, now, width));
            if (fleet.Checkers.Count > 0)
            {
                rows.Add(Checkers(fleet, sinceRead, width));
            }

            rows.AddRange(FleetAlarms.Of(fleet, news.OpenNodes).Select(static alarm => new Markup(
                $"[{(alarm.Level == FleetAlarmLevel.Note ? "default" : alarm.Level == FleetAlarmLevel.Warning ? "yellow" : "red")}]{StatusReport.Word(alarm.Level)}:[/] {Escape(alarm.Text)}")));
        }

        if (news.Trouble is { } trouble)
        {
            rows.Add(new Markup($"[red]trouble:[/] {Escape(ZooKeeperSecurity.InWordsOfTheCommand(trouble))}{(news.Fleet is null ? "" : "; shown is what was read last")}"));
        }

        rows.Add(Safe($"{Times.OfStamp(now)[..19]}Z, Ctrl-C ends"));
        return new Rows(rows);
    }

    /// <summary>How long something has lasted, in its two largest units.</summary>
    public static string Lasted(long microseconds)
    {
        var time = TimeSpan.FromMicroseconds(Math.Max(0, microseconds));
        return time switch
        {
            { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Days} d {time.Hours} h"),
            { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours} h {time.Minutes} min"),
            { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{time.Seconds} s"),
        };
    }

    private static Table Shards(Fleet fleet, long now, int width)
    {
        var isWide = width >= Wide;
        var table = Empty(isWide ? ["shard", "address", "state", "for", "votes"] : ["shard", "state", "for", "votes"]);
        foreach (var shard in fleet.Cluster.Shards)
        {
            var status = fleet.StatusOf(shard);
            List<IRenderable> cells =
            [
                Safe(shard.Name),
                new Markup($"[{(status?.Alive switch { true => "green", false => "red", null => "yellow" })}]{StatusReport.StateOf(fleet, shard)}[/]"),
                Safe(status is null ? "-" : Lasted(now - status.Since)),
                Safe(Fleet.Summarize(fleet.CountOf(shard))),
            ];
            if (isWide)
            {
                cells.Insert(1, Safe(shard.Addr));
            }

            table.AddRow(cells);
        }

        return table;
    }

    private static Table Checkers(Fleet fleet, TimeSpan sinceRead, int width)
    {
        var isWide = width >= Wide;
        var table = Empty(isWide ? ["checker", "id", "program", "vote age", "says"] : ["checker", "program", "vote age", "says"]);
        foreach (var checker in fleet.Checkers)
        {
            List<IRenderable> cells =
            [
                Safe(isWide ? checker.Node : checker.Checker ?? checker.Node),
                Safe(checker.Program),
                Safe(checker.Counts ? Lasted((long)((checker.AgeSeconds * 1_000_000) + sinceRead.TotalMicroseconds)) : "-"),
                Safe(checker.Summarize(fleet.Cluster.Shards)),
            ];
            if (isWide)
            {
                cells.Insert(1, Safe(checker.Checker ?? "-"));
            }

            table.AddRow(cells);
        }

        return table;
    }

    private static Table Empty(IEnumerable<string> headings)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var heading in headings)
        {
            table.AddColumn(heading);
        }

        return table;
    }

    private static Text Safe(string text) => new(TerminalText.Of(text));

    private static string Escape(string text) => Markup.Escape(TerminalText.Of(text));
}
