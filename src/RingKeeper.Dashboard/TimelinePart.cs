namespace RingKeeper.Dashboard;

/// <summary>What happened, newest first, each decision with what it rests on.</summary>
internal static class TimelinePart
{
    private const int Most = 40;

    public static void Write(HtmlWriter html, DashboardState state)
    {
        html.Element("h2", "What happened", ("id", "timeline-heading"));
        if (state.Events.IsEmpty)
        {
            html.Element("p", "Nothing is on record.", ("class", "empty"));
            return;
        }

        html.Start("ol", ("class", "events"), ("aria-labelledby", "timeline-heading"));
        Dictionary<long, int> known = [];
        foreach (var told in state.Events.Take(Most))
        {
            // By it the script finds an event again when newer ones push it down.
            var number = known[told.At] = known.GetValueOrDefault(told.At) + 1;
            Event(html, told, $"event-{Figures.Number(told.At)}-{Figures.Number(number)}", state.At);
        }

        html.End();
        if (state.Events.Length > Most)
        {
            html.Start("p", ("class", "hint")).Text($"{Figures.Count(state.Events.Length - Most, "earlier event", "earlier events")}: see ").Element("code", $"ringkeeper events {state.Cluster}").End();
        }
    }

    private static void Event(HtmlWriter html, FleetEvent told, string id, DateTimeOffset now)
    {
        var (icon, word, kind) = Look(told.Kind);
        html.Start("li", ("id", id), ("class", kind));
        icon.Write(html);
        html.Start("div").Start("p", ("class", "when")).Element("b", word).Text(" ").Stamp(told.At, now).End();
        html.Element("p", told.Text, ("dir", "auto"));
        if (told.Evidence.Count > 0)
        {
            html.Start("details", ("id", $"{id}-evidence")).Element("summary", told.Kind == FleetEventKind.Topology ? Figures.Count(told.Evidence.Count, "change", "changes") : $"evidence: {Figures.Count(told.Evidence.Count, "vote", "votes")}").Start("ul");
            foreach (var line in told.Evidence)
            {
                html.Element("li", line, ("dir", "auto"));
            }

            html.End().End();
        }

        html.End().End();
    }

    private static (Icon Icon, string Word, string Kind) Look(FleetEventKind kind) => kind switch
    {
        FleetEventKind.Death => (Icon.Dead, "Death", "bad"),
        FleetEventKind.Return => (Icon.Alive, "Return", "good"),
        FleetEventKind.Restart => (Icon.Old, "Restart", "warn"),
        FleetEventKind.Drain => (Icon.Drained, "Drain", "quiet"),
        FleetEventKind.Unrecorded => (Icon.Waiting, "Unrecorded", "warn"),
        FleetEventKind.Topology => (Icon.Change, "Topology", "info"),
        FleetEventKind.Checkers => (Icon.Lead, "Checkers", "info"),
        FleetEventKind.Brake => (Icon.Warning, "Brake", "warn"),
        _ => (Icon.Note, "Vote", "quiet"),
    };
}
