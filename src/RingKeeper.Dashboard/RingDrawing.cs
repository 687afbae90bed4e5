using System.Collections.Immutable;
using System.Globalization;

namespace RingKeeper.Dashboard;

/// <summary>
/// Draws the ring: outside who owns each stretch of the key space, inside who serves it now. A shard is told by its colour, by its number, and by how far its stretches
/// reach out; what a dead one owns is hatched outside, and so is what its heirs took over inside.
/// </summary>
internal sealed class RingDrawing(DashboardState state, string? key)
{
    private const int Colours = 8;
    private const double Middle = 200;
    private const double OwnersFrom = 146;
    private const double WidestOwner = 34;
    private const double NarrowestOwner = 22;
    private const double Servers = 131;
    private const double ServersWidth = 20;
    private const double NumbersAt = 192;
    private const int MostNumbers = 24;
    private const int NameLength = 16;
    private const int MostHeirs = 3;

    private readonly ImmutableArray<(int Owner, int Server)> _slots = RingSlots.Of(state);

    /// <summary>The class that gives a shard its colour.</summary>
    public static string ColourOf(int shard) => string.Create(CultureInfo.InvariantCulture, $"c{shard % Colours}");

    public void Write(HtmlWriter html)
    {
        html.Start("svg", ("class", "ring"), ("viewBox", "0 0 400 400"), ("role", "img"), ("aria-labelledby", "ring-title"), ("aria-describedby", "ring-desc"));
        html.Element("title", $"The ring of {state.Cluster}", ("id", "ring-title")).Element("desc", Describe(), ("id", "ring-desc"));
        html.Start("g", ("transform", "rotate(-90 200 200)"));
        Circle(html, "track", OwnersFrom + (WidestOwner / 2), WidestOwner, null);
        Circle(html, "track", Servers, ServersWidth, null);
        for (var shard = 0; shard < state.Shards.Length; shard++)
        {
            var dead = state.Shards[shard].Status is not { Alive: true };
            html.Start("g", ("class", $"arc {ColourOf(shard)}{(dead ? " away" : "")}"), ("data-shard", Figures.Number(shard)));
            var width = WidthOf(shard);
            Circle(html, "owned", OwnersFrom + (width / 2), width, RingSlots.Dashes(_slots, slot => slot.Owner == shard));
            Circle(html, "served", Servers, ServersWidth, RingSlots.Dashes(_slots, slot => slot.Server == shard));
            Circle(html, "taken", Servers, ServersWidth, RingSlots.Dashes(_slots, slot => slot.Server == shard && slot.Owner != shard));
            html.End();
        }

        if (RingSlots.Dashes(_slots, slot => state.Shards[slot.Owner].Status is not { Alive: true }) is { } dashes)
        {
            Circle(html, "lost", OwnersFrom + (WidestOwner / 2), WidestOwner, dashes);
        }

        html.End();
        Numbers(html);
        Centre(html);
        for (var shard = 0; shard < state.Shards.Length; shard++)
        {
            Told(html, shard);
        }

        if (key is not null && state.Picture?.PlaceOf(key) is { } place)
        {
            Mark(html, place);
        }

        html.End();
    }

    private static void Circle(HtmlWriter html, string kind, double radius, double width, string? dashes)
    {
        if (dashes is null && kind != "track")
        {
            return;
        }

        html.Empty(
            "circle", ("class", kind), ("cx", "200"), ("cy", "200"), ("r", Figures.Point(radius)), ("stroke-width", Figures.Point(width)),
            ("pathLength", dashes is null ? null : Figures.Number(RingSlots.Count)), ("stroke-dasharray", dashes));
    }

    private double WidthOf(int shard)
    {
        var steps = Math.Min(state.Shards.Length, Colours);
        return steps == 1 ? WidestOwner : WidestOwner - ((WidestOwner - NarrowestOwner) * (shard % steps) / (steps - 1));
    }

    private string Describe()
    {
        const int most = 12;
        var shards = state.Shards.Take(most).Select(static shard => $"{shard.Shard.Name} owns {Figures.Percent(shard.Owned)} and serves {Figures.Percent(shard.Served)}");
        return $"Of the key space {string.Join("; ", shards)}{(state.Shards.Length > most ? $"; and {Figures.Number(state.Shards.Length - most)} more" : "")}.";
    }

    private void Numbers(HtmlWriter html)
    {
        if (state.Shards.Length is 1 or > MostNumbers)
        {
            return;
        }

        var places = RingSlots.Labels(_slots, state.Shards.Length, 22);
        for (var shard = 0; shard < places.Length; shard++)
        {
            if (places[shard] is { } slot)
            {
                var (x, y) = At(slot / RingSlots.Count, NumbersAt);
                html.Element("text", Figures.Number(shard + 1), ("class", "number"), ("x", x), ("y", y), ("dy", ".35em"), ("aria-hidden", "true"));
            }
        }
    }

    // What stands in the middle while no shard is looked at.
    private void Centre(HtmlWriter html)
    {
        var serving = state.Shards.Count(static shard => shard.Status is { Alive: true });
        html.Start("g", ("class", "told whole"), ("aria-hidden", "true"));
        Line(html, "big", 202, $"{Figures.Number(serving)} of {Figures.Number(state.Shards.Length)}");
        Line(html, "small", 230, state.Shards.Length == 1 ? "shard serves" : "shards serve");
        html.End();
    }

    private void Told(HtmlWriter html, int shard)
    {
        var panel = state.Shards[shard];
        html.Start("g", ("class", "told"), ("data-shard", Figures.Number(shard)), ("aria-hidden", "true"));
        Line(html, "name", 142, $"{Figures.Number(shard + 1)}  {PrintableText.Of(panel.Shard.Name, NameLength)}");
        Line(html, "small", 165, ShardLook.Of(panel).Word);
        Line(html, "middle", 196, $"owns {Figures.Percent(panel.Owned)}");
        Line(html, "middle", 220, $"serves {Figures.Percent(panel.Served)}");
        var heirs = state.Picture!.HeirsOf(shard);
        var lines = heirs.Select(static (share, heir) => (share, heir)).Where(static one => one.share > 0).OrderByDescending(static one => one.share).Take(MostHeirs).ToList();
        for (var i = 0; i < lines.Count; i++)
        {
            Line(html, "small", 246 + (19 * i), $"{(i == 0 ? "heirs " : "")}{PrintableText.Of(state.Shards[lines[i].heir].Shard.Name, NameLength - 4)} {Figures.Percent(lines[i].share)}");
        }

        html.End();
    }

    private static void Line(HtmlWriter html, string kind, double y, string text) => html.Element("text", text, ("class", kind), ("x", "200"), ("y", Figures.Point(y)));

    private static void Mark(HtmlWriter html, double place)
    {
        var (inX, inY) = At(place, Servers - (ServersWidth / 2));
        var (outX, outY) = At(place, OwnersFrom + WidestOwner + 6);
        html.Start("g", ("class", "mark")).Element("title", "where the key lies");
        html.Empty("line", ("x1", inX), ("y1", inY), ("x2", outX), ("y2", outY)).Empty("circle", ("cx", outX), ("cy", outY), ("r", "6")).End();
    }

    private static (string X, string Y) At(double place, double radius)
    {
        var (sin, cos) = Math.SinCos(place * Math.Tau);
        return (Figures.Point(Middle + (radius * sin)), Figures.Point(Middle - (radius * cos)));
    }
}
