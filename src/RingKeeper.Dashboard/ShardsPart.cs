namespace RingKeeper.Dashboard;

/// <summary>The table of the shards. On a phone each row becomes a card; the roles keep it a table for a screen reader then.</summary>
internal static class ShardsPart
{
    private const int RunIdLength = 8;
    private const int VoterLength = 16;
    private static readonly TimeSpan FreshFacts = 3 * ShardFactsWatch.Pace;
    private static readonly string[] Columns = ["Shard", "State", "Votes", "Round trip", "Serves", "Keys", "Memory"];

    public static void Write(HtmlWriter html, DashboardState state)
    {
        html.Element("h2", "Shards", ("id", "shards-heading"));
        if (state.Shards.IsEmpty)
        {
            html.Element("p", "No shard is known yet.", ("class", "empty"));
            return;
        }

        html.Start("table", ("class", "grid shards"), ("role", "table"), ("aria-labelledby", "shards-heading")).Start("thead", ("role", "rowgroup")).Start("tr", ("role", "row"));
        foreach (var column in Columns)
        {
            html.Element("th", column, ("scope", "col"), ("role", "columnheader"));
        }

        html.End().End().Start("tbody", ("role", "rowgroup"));
        for (var shard = 0; shard < state.Shards.Length; shard++)
        {
            Row(html, state, shard);
        }

        html.End().End();
    }

    private static void Row(HtmlWriter html, DashboardState state, int index)
    {
        var panel = state.Shards[index];
        html.Start("tr", ("role", "row"), ("data-shard", Figures.Number(index)), ("id", $"shard-{Figures.Number(index)}"));
        html.Start("th", ("scope", "row"), ("role", "rowheader"));
        RingPart.Swatch(html, index, panel);
        html.Start("span", ("class", "called")).Name(panel.Shard.Name).Start("small").Name(panel.Shard.Addr);
        if ((panel.Status?.RunId ?? panel.Facts?.RunId) is { } run)
        {
            html.Start("span", ("class", "run"), ("title", run)).Text($" run {PrintableText.Of(run, RunIdLength)}").End();
        }

        html.End().End().End();
        Cell(html, 1);
        ShardLook.Of(panel).Write(html);
        if (panel.Status is { } status)
        {
            html.Start("small").Text("since ").Stamp(status.Since, state.At).End();
        }

        html.End();
        Cell(html, 2);
        Votes(html, panel);
        html.End();
        Cell(html, 3);
        Sparkline.Write(html, panel.RoundTrips);
        html.End();
        Cell(html, 4);
        html.Text(Figures.Percent(panel.Served)).Element("small", $"owns {Figures.Percent(panel.Owned)}").End();
        Facts(html, panel);
        html.End();
        Notes(html, state, panel);
    }

    private static void Cell(HtmlWriter html, int column) => html.Start("td", ("role", "cell"), ("data-label", Columns[column]));

    private static void Votes(HtmlWriter html, ShardPanel panel)
    {
        if (panel.Count.Votes.IsDefaultOrEmpty)
        {
            html.Element("span", "none", ("class", "empty"));
            return;
        }

        html.Start("ul", ("class", "votes"));
        foreach (var vote in panel.Count.Votes)
        {
            var (icon, word, kind) = (vote.Says, vote.IsStale) switch
            {
                (_, true) => (Icon.Old, "too old", "quiet"),
                (true, _) => (Icon.Alive, "alive", "good"),
                (false, _) => (Icon.Dead, "dead", "bad"),
                _ => (Icon.Silent, "abstains", "quiet"),
            };
            html.Start("li", ("class", kind), ("title", FleetEvents.Tell(vote)));
            icon.Write(html);
            html.Element("bdi", PrintableText.Of(vote.Checker ?? vote.Node, VoterLength)).Element("span", $" {word}", ("class", kind == "good" ? "unseen" : null));
            html.Element("small", $" {Figures.Age(vote.AgeMilliseconds / 1000.0)}").End();
        }

        html.End();
    }

    private static void Facts(HtmlWriter html, ShardPanel panel)
    {
        Cell(html, 5);
        html.Text(panel.Facts?.Keys is { } keys ? Figures.Count(keys) : "–");
        if (panel is { FactsTrouble: null, Facts.OperationsPerSecond: { } rate } && panel.FactsAge <= FreshFacts)
        {
            html.Element("small", $"{Figures.Count(rate)} ops/s");
        }

        html.End();
        Cell(html, 6);
        html.Text(panel.Facts?.UsedMemory is { } used ? Figures.Bytes(used) : "–");
        if (panel.Facts is { UsedMemory: { } taken, MaxMemory: { } limit })
        {
            if (limit > 0)
            {
                html.Element("small", $"of {Figures.Bytes(limit)}");
                html.Empty("meter", ("min", "0"), ("max", Figures.Number(limit)), ("value", Figures.Number(taken)), ("aria-label", "memory used"));
            }
            else
            {
                html.Element("small", "no limit");
            }
        }

        html.End();
    }

    // What needs words goes below the row.
    private static void Notes(HtmlWriter html, DashboardState state, ShardPanel panel)
    {
        List<string> notes = [];
        var said = panel.Count;
        if (panel.Status is not { Alive: true } || said.Dead > 0 || said.Hold is not null || said.Alive < said.Denominator)
        {
            notes.Add(said.Why);
        }

        foreach (var (checker, entry) in state.News.Fleet?.SuppressionsOf(panel.Shard) ?? [])
        {
            notes.Add($"{checker.Checker ?? checker.Node} keeps it dead though it answers{(entry.SuppressedUntil is { } until ? $", until {Moment.Tell(until, state.At)} at least" : "")}: {entry.Suppressed}");
        }

        if (panel.Status is { Role: "slave" })
        {
            notes.Add("it is a replica: it copies another server and takes no writes");
        }

        // What it said last stays, and is not to be taken for the present.
        var trouble = panel.FactsTrouble is { } reason ? $": {reason}" : "";
        if (panel.Facts is null)
        {
            notes.AddRange(trouble.Length > 0 ? [$"keys and memory are not told{trouble}"] : []);
        }
        else if (trouble.Length > 0 || panel.FactsAge > FreshFacts)
        {
            notes.Add($"keys and memory are {Figures.Duration(panel.FactsAge)} old{trouble}");
        }

        if (notes.Count == 0)
        {
            return;
        }

        html.Start("tr", ("role", "row"), ("class", "notes")).Start("td", ("role", "cell"), ("colspan", Figures.Number(Columns.Length))).Start("ul");
        foreach (var note in notes)
        {
            html.Element("li", note, ("dir", "auto"));
        }

        html.End().End().End();
    }
}
