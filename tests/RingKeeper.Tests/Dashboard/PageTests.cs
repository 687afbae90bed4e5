using System.Xml.Linq;
using CsCheck;
using RingKeeper.Dashboard;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Dashboard;

public sealed class PageTests
{
    private const string Attack = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&</title>\u202e\u0007";

    private const string Steering = "<>\"'&\u202e\u2066\0\n\ud83d";
    private static readonly string[] Known = [Attack, "</script>", "javascript:alert(1)", "{{7*7}}", "--> <!--", "]]>", "&lt;", "𝕊👩‍👩‍👧", new string('ж', 128)];

    // Names place shards on the ring, so the drawing and the heirs differ, and that alone.
    private static readonly HashSet<string> Drawn = ["circle", "text", "line", "g", "span", "bdi", "p", "dt", "dd"];

    // What others may call their shards, checkers and clusters: text of any kind, broken surrogates and marks of direction included.
    private static readonly Gen<string> Names = Gen.OneOf(
        Gen.String[Gen.OneOf(Gen.Char, Gen.Int[0, Steering.Length - 1].Select(static i => Steering[i])), 1, 40],
        Gen.Int[0, Known.Length - 1].Select(static i => Known[i]));

    [Fact]
    public void No_name_becomes_markup_and_every_page_is_well_formed() =>
        Gen.Select(Names, Names.Array[1, 4], Names.Array[0, 3], Names, Gen.Bool).Sample(
            (cluster, shards, checkers, text, dead) =>
            {
                var state = StateOf(cluster, shards, checkers, text, dead);
                var benign = StateOf("c", [.. shards.Select(static (_, i) => $"s{i}")], [.. checkers.Select(static (_, i) => $"k{i}")], "t", dead);

                // Names change no element and no attribute: the shape of the page is that with plain ones.
                Assert.Equal(ShapeOf(Page.Render(benign, ["c", "t"], "..", "k")), ShapeOf(Page.Render(state, [cluster, text + "t"], "..", text + "k")));
            },
            iter: 60);

    [Fact]
    public void The_parts_of_the_page_are_those_that_are_sent_live()
    {
        var state = PageStates.OneDead();
        var page = Page.Render(state, ["orders"], "..", "user:42");

        foreach (var (id, html) in Page.Sections(state, "user:42"))
        {
            Assert.Contains($"id=\"{id}\"", page, StringComparison.Ordinal);
            Assert.Contains($">{html}</", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_live_stream_is_asked_for_the_very_key_of_the_page()
    {
        const string key = "a\u200bb\t/é%2F&\"";
        var live = Parse(Page.Render(PageStates.Healthy(), ["orders"], "..", key)).Descendants("body").Single().Attribute("data-live")!.Value;

        Assert.Equal(key, Uri.UnescapeDataString(live[(live.IndexOf("?key=", StringComparison.Ordinal) + 5)..]));
    }

    [Fact]
    public void A_page_holds_no_inline_script_no_style_and_no_address_elsewhere()
    {
        var page = Page.Render(PageStates.Mixed(12), ["orders", "sessions"], "..", "user:42");
        var elements = Parse(page).Descendants().ToList();

        Assert.DoesNotContain(elements.Attributes(), static attribute => attribute.Name.LocalName is "style" || attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.All(elements.Where(static element => element.Name.LocalName is "script" or "style"), static element => Assert.Equal(("script", ""), (element.Name.LocalName, element.Value)));
        Assert.All(elements.Attributes().Where(static attribute => attribute.Name.LocalName is "href" or "src" or "action" or "data-live"), static attribute => Assert.Matches("^(#|\\.\\./)", attribute.Value));
    }

    [Fact]
    public void Ids_are_unique_and_whatever_refers_to_one_finds_it()
    {
        var elements = Parse(Page.Render(PageStates.Mixed(12), ["orders"], "..", "user:42")).Descendants().ToList();
        var ids = elements.Attributes("id").Select(static id => id.Value).ToList();

        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids);
        var references = elements.Attributes().Where(static attribute => attribute.Name.LocalName is "aria-labelledby" or "aria-describedby" or "for").SelectMany(static attribute => attribute.Value.Split(' '))
            .Concat(elements.Attributes("href").Where(static href => href.Value.StartsWith('#')).Select(static href => href.Value[1..]));
        Assert.All(references, id => Assert.Contains(id, ids));
    }

    [Theory]
    [InlineData("healthy", "3 of 3 shards serve; checker-1 leads", "good")]
    [InlineData("dead", "shard2 is dead since 03:11:25; shard1 and shard3 serve its keys; checker-1 leads", "bad")]
    [InlineData("brake", "3 of 3 shards serve; the brake holds the deaths of shard1 and shard2; checker-1 leads", "bad")]
    [InlineData("no failover", "shard2 is dead since 03:11:25; without failover nobody serves its keys; checker-1 leads", "bad")]
    [InlineData("all dead", "No shard serves; checker-1 leads", "bad")]
    [InlineData("nobody decides", "3 of 3 shards serve; nobody decides", "bad")]
    [InlineData("drained", "2 of 3 shards serve; shard3 is drained; checker-1 leads", "good")]
    [InlineData("undecided", "2 of 3 shards serve; shard1 is undecided; checker-1 leads", "warn")]
    public void One_sentence_says_how_it_stands(string name, string sentence, string kind)
    {
        var state = name switch
        {
            "healthy" => PageStates.Healthy(),
            "dead" => PageStates.OneDead(),
            "brake" => PageStates.BrakeOn(),
            "no failover" => new PageStates { Options = new() { ExpectedCheckers = 3, FailoverEnabled = false }, Decided = static shard => shard != 1, Says = static (_, shard) => shard != 1 }.Build(),
            "all dead" => new PageStates { Decided = static _ => false, Says = static (_, _) => false }.Build(),
            "drained" => new PageStates { Shards = [.. PageStates.Named(3).Select(static (shard, i) => shard with { Drained = i == 2 })], Decided = static shard => shard != 2 }.Build(),
            "undecided" => new PageStates { Decided = static shard => shard == 0 ? null : true, Says = static (checker, shard) => shard == 0 ? null : true }.Build(),
            _ => new PageStates { Checkers = [] }.Build(),
        };

        var headline = Headline.Of(state);

        Assert.Equal((sentence, kind), (headline.Text, headline.Kind));
    }

    [Fact]
    public void What_is_not_known_yet_is_said_and_nothing_is_drawn()
    {
        var state = new DashboardState("orders", PageStates.Now, new FleetNews(null, [], "no quorum"), null, TimeSpan.Zero, new SessionSnapshot(SessionState.Connecting, 0, 0, TimeSpan.Zero, null), null);

        var page = Parse(Page.Render(state, ["orders"], "..", "user:42"));

        Assert.Contains("Nothing is known of this cluster: no quorum", page.Value, StringComparison.Ordinal);
        Assert.DoesNotContain(page.Descendants(), static element => (string?)element.Attribute("class") == "ring");
    }

    [Theory]
    [InlineData(4, null, null, true)]
    [InlineData(3600, null, "keys and memory are 60 min old", false)]
    [InlineData(70, "it refused the connection", "keys and memory are 70 s old: it refused the connection", false)]
    public void What_a_server_said_long_ago_is_not_shown_as_the_present(int seconds, string? trouble, string? note, bool hasRate)
    {
        var state = PageStates.Healthy();
        state = state with { Shards = [.. state.Shards.Select(shard => shard with { FactsAge = TimeSpan.FromSeconds(seconds), FactsTrouble = trouble })] };

        var shards = Page.Sections(state, null).Single(static part => part.Id == "shards").Html;

        Assert.Equal(hasRate, shards.Contains("ops/s", StringComparison.Ordinal));
        Assert.Equal(note is not null, shards.Contains("keys and memory are", StringComparison.Ordinal));
        Assert.Contains(note ?? "", shards, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_ring_is_drawn_in_few_bytes()
    {
        var ring = Page.Sections(PageStates.Mixed(100), null).Single(static part => part.Id == "ring").Html;

        Assert.InRange(ring.Length, 1, 220_000);
        Assert.InRange(Page.Sections(PageStates.Mixed(10), null).Single(static part => part.Id == "ring").Html.Length, 1, 24_000);
    }

    [Fact]
    public void Dashes_cover_exactly_the_slots_that_are_wanted()
    {
        Gen.Int[0, 3].Array[RingSlots.Count].Sample(owners =>
        {
            var slots = owners.Select(static owner => (owner, owner)).ToList();
            var covered = new List<bool>();
            var dashes = RingSlots.Dashes([.. slots], static slot => slot.Owner == 0)?.Split(' ').Select(int.Parse).ToList() ?? [];
            for (var i = 0; i < dashes.Count; i++)
            {
                covered.AddRange(Enumerable.Repeat(i % 2 == 0, dashes[i]));
            }

            Assert.Equal(0, dashes.Count % 2);
            Assert.Equal(owners.Select(static owner => owner == 0), covered);
        });
        Assert.Null(RingSlots.Dashes([(1, 1)], static slot => slot.Owner == 0));
    }

    [Fact]
    public void A_ring_without_places_says_so_and_marks_no_key()
    {
        var state = new PageStates { Options = new() { ExpectedCheckers = 3, RingType = RingTypes.Rendezvous } }.Build();
        var ring = Page.Sections(state, "user:42").Single(static part => part.Id == "ring").Html;

        Assert.Contains("This ring has no places", ring, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"mark\"", ring, StringComparison.Ordinal);
        Assert.Contains("class=\"mark\"", Page.Sections(PageStates.Healthy(), "user:42").Single(static part => part.Id == "ring").Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\u202eb", "a\uFFFDb")]
    [InlineData("a\u2066\u200f\ufeffb", "a\uFFFD\uFFFD\uFFFDb")]
    [InlineData("\u001b[2J\r\n\u0085\u2028", "\uFFFD[2J\uFFFD\uFFFD\uFFFD\uFFFD")]
    [InlineData("👩‍👩‍👧 ж é", "👩‍👩‍👧 ж é")]
    public void What_steers_instead_of_being_read_is_replaced(string text, string shown) => Assert.Equal(shown, PrintableText.Of(text));

    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("a\uFFFDb", PrintableText.Of($"a{(char)0xD83D}b"));

    [Fact]
    public void Handlers_and_styles_cannot_be_written()
    {
        Assert.Throws<ArgumentException>(static () => HtmlWriter.Write(static html => html.Element("p", "", ("onclick", "x"))));
        Assert.Throws<ArgumentException>(static () => HtmlWriter.Write(static html => html.Element("p", "", ("style", "x"))));
        Assert.Throws<ArgumentException>(static () => HtmlWriter.Write(static html => html.Element("p><script", "")));
        Assert.Throws<InvalidOperationException>(static () => HtmlWriter.Write(static html => html.Start("p")));
    }

    private static DashboardState StateOf(string cluster, string[] shards, string[] checkers, string text, bool dead)
    {
        var state = new PageStates
        {
            Cluster = cluster,
            Shards = [.. shards.Select((name, i) => new Shard($"{name}{i}", $"{name}:{i}"))],
            Checkers = [.. checkers.Select(static (name, i) => $"{name}{i}")],
            Decided = shard => !dead || shard != 0,
            Says = (_, shard) => !dead || shard != 0,
            Suppressed = shard => shard == 0 && dead ? text : null,
            Trouble = text,
            Session = new SessionSnapshot(SessionState.Suspended, 1, 7, TimeSpan.FromSeconds(4), text),
        }.Build() with { SessionTrouble = text };
        return state with { Alarms = [.. state.Alarms, new FleetAlarm("x", FleetAlarmLevel.Note, text, text)], Events = [.. state.Events, new FleetEvent(5, FleetEventKind.Vote, text, text, [text])] };
    }

    private static XElement Parse(string page) => XDocument.Parse(page.Replace("<!doctype html>", "", StringComparison.Ordinal)).Root!;

    private static string ShapeOf(string page) => string.Join(
        '\n',
        Parse(page).Descendants().Where(static element => !Drawn.Contains(element.Name.LocalName)).Select(static element =>
            $"{element.Name.LocalName} {string.Join(' ', element.Attributes().Select(static a => a.Name.LocalName is "class" or "id" or "role" ? $"{a.Name}={a.Value}" : a.Name.ToString()))}"));
}
