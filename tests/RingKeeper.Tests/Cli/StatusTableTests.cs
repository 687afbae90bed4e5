using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.Cli;
using RingKeeper.Cli.Handlers;
using RingKeeper.Tests.Insight;
using Spectre.Console;
using Xunit;
using static RingKeeper.Tests.Insight.Fleets;

namespace RingKeeper.Tests.Cli;

public sealed class StatusTableTests
{
    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    public void It_fits_the_terminal_and_says_states_ages_and_alarms_in_words(int width)
    {
        var fleet = Of([A, B, C], [Dead(A), Alive(B), Alive(C)], [], Votes(A, B, C));

        var lines = Draw(new FleetNews(fleet, [ZKPaths.Cluster("orders")], "ZooKeeper is away"), width, TimeSpan.FromSeconds(65));
        var text = string.Join(' ', lines);

        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        Assert.Equal(width >= StatusTable.Wide, text.Contains(":1 ", StringComparison.Ordinal));
        foreach (var told in new[] { "dead", "alive", "16 min 40 s", "1 min 5 s", "critical: shard a is dead since", "warning: open to the world", "trouble: ZooKeeper is away; shown is what was read last", "Ctrl-C ends" })
        {
            Assert.Contains(told, System.Text.RegularExpressions.Regex.Replace(text, @"\s+", " ", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_are_neither_markup_nor_orders_to_the_terminal()
    {
        var hostile = new Shard("[red]\u001b[2J", ":1");
        var fleet = Of([hostile], [Dead(hostile)], [], Vote(0, 0, Says(hostile, false)) with { Checker = "[bold]\u0007" });

        var text = string.Concat(Draw(new FleetNews(fleet, [], "[x]\u009b"), 120, TimeSpan.Zero));

        Assert.Contains("[red]\\u001b[2J", text, StringComparison.Ordinal);
        Assert.Contains("[bold]\\u0007", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, static c => TerminalText.IsObeyed(c));
    }

    [Fact]
    public async Task It_is_drawn_again_at_a_change_and_each_second_and_ends_with_the_stream()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(Now));
        var news = Channel.CreateUnbounded<FleetNews>();
        await using var output = new StringWriter();
        var drawing = StatusHandler.DrawAsync(news.Reader.ReadAllAsync(TestContext.Current.CancellationToken), Console(output, 80), time, TestContext.Current.CancellationToken);

        news.Writer.TryWrite(new FleetNews(Healthy(), [], null));
        news.Writer.TryWrite(new FleetNews(Of([A, B, C], [Dead(A), Alive(B), Alive(C)], [], Votes(A, B, C)), [], null));
        news.Writer.Complete();
        await drawing;

        Assert.Contains("critical: shard a is dead", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-5, "0 s")]
    [InlineData(59_999_999, "59 s")]
    [InlineData(3_599_000_000, "59 min 59 s")]
    [InlineData(7_260_000_000, "2 h 1 min")]
    [InlineData(180_000_000_000, "2 d 2 h")]
    public void A_time_is_told_in_its_two_largest_units(long microseconds, string told) => Assert.Equal(told, StatusTable.Lasted(microseconds));

    private static string[] Draw(FleetNews news, int width, TimeSpan sinceRead)
    {
        using var output = new StringWriter();
        Console(output, width).Write(StatusTable.Of(news, Now * 1000, sinceRead, width));
        return [.. output.ToString().Split('\n').Select(static line => line.TrimEnd())];
    }

    private static IAnsiConsole Console(StringWriter output, int width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        console.Profile.Width = width;
        return console;
    }
}
