namespace RingKeeper.Dashboard;

/// <summary>The ring, and its shards in numbers beside it.</summary>
internal static class RingPart
{
    private const int MostHeirs = 8;

    public static void Write(HtmlWriter html, DashboardState state, string? key)
    {
        html.Element("h2", "Ring", ("id", "ring-heading"));
        if (state.Picture is null || state.Shards.IsEmpty)
        {
            html.Element("p", "Nothing to draw yet.", ("class", "empty"));
            return;
        }

        new RingDrawing(state, key).Write(html);
        html.Start("p", ("class", "hint"));
        html.Text(state.Picture.HasPlaces ? "Outer circle: who owns each stretch of keys. Inner circle: who serves it now." : "This ring has no places; the arcs are as long as the shares. Outer circle: who owns. Inner circle: who serves now.");
        if (state.Shards.Any(static shard => shard.Status is not { Alive: true }))
        {
            html.Text(" Hatched: owned by a shard that does not serve, and taken over by others.");
        }

        html.End();
        var nobody = 1 - state.Shards.Sum(static shard => shard.Served);
        if (nobody > 0.0005)
        {
            html.Start("p", ("class", "nobody"));
            Icon.Warning.Write(html);
            html.Text($" {Figures.Percent(nobody)} of the key space is served by nobody.").End();
        }

        html.Start("ol", ("class", "legend"), ("id", "legend"));
        for (var shard = 0; shard < state.Shards.Length; shard++)
        {
            Entry(html, state, shard);
        }

        html.End();
    }

    private static void Entry(HtmlWriter html, DashboardState state, int shard)
    {
        var panel = state.Shards[shard];
        var number = Figures.Number(shard);
        html.Start("li", ("data-shard", number)).Start("details", ("name", "legend"), ("id", $"legend-{number}")).Start("summary");
        Swatch(html, shard, panel);
        html.Start("span", ("class", "called")).Name(panel.Shard.Name).End();
        html.Element("span", Same(panel) ? Figures.Percent(panel.Owned) : $"{Figures.Percent(panel.Owned)} → {Figures.Percent(panel.Served)}", ("class", "share")).End();
        html.Start("dl").Element("dt", "owns").Element("dd", Figures.Percent(panel.Owned)).Element("dt", "serves now").Element("dd", Figures.Percent(panel.Served));
        if (panel.Shard.Weight != 1)
        {
            html.Element("dt", "weight").Element("dd", Figures.Number(panel.Shard.Weight));
        }

        var heirs = state.Picture!.HeirsOf(shard).Select(static (share, heir) => (share, heir)).Where(static one => one.share > 0).OrderByDescending(static one => one.share).ToList();
        html.Element("dt", "heirs").Start("dd");
        if (heirs.Count == 0)
        {
            html.Text("none");
        }

        foreach (var (share, heir) in heirs.Take(MostHeirs))
        {
            html.Start("span", ("class", "heir")).Name(state.Shards[heir].Shard.Name).Text($" {Figures.Percent(share)}").End().Text(" ");
        }

        if (heirs.Count > MostHeirs)
        {
            html.Text($"and {Figures.Number(heirs.Count - MostHeirs)} more");
        }

        html.End().End().End().End();
    }

    /// <summary>Writes the sign by which a shard is found on the ring: its number on its colour.</summary>
    public static void Swatch(HtmlWriter html, int shard, ShardPanel panel) =>
        html.Element("span", Figures.Number(shard + 1), ("class", $"swatch {RingDrawing.ColourOf(shard)}{(panel.Status is { Alive: true } ? "" : " away")}"));

    private static bool Same(ShardPanel panel) => Math.Abs(panel.Owned - panel.Served) < 0.0005;
}
