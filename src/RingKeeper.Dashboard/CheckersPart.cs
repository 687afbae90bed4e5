namespace RingKeeper.Dashboard;

/// <summary>The table of the checkers, in the order of election.</summary>
internal static class CheckersPart
{
    private static readonly string[] Columns = ["Checker", "Program", "Vote", "Says", "Session"];

    public static void Write(HtmlWriter html, DashboardState state)
    {
        html.Element("h2", "Checkers", ("id", "checkers-heading"));
        if (state.News.Fleet is not { Checkers.Count: > 0 } fleet)
        {
            html.Element("p", state.News.Fleet is null ? "Not known yet." : "None is present: nobody decides.", ("class", "empty"));
            return;
        }

        html.Start("table", ("class", "grid checkers"), ("role", "table"), ("aria-labelledby", "checkers-heading")).Start("thead", ("role", "rowgroup")).Start("tr", ("role", "row"));
        foreach (var column in Columns)
        {
            html.Element("th", column, ("scope", "col"), ("role", "columnheader"));
        }

        html.End().End().Start("tbody", ("role", "rowgroup"));
        foreach (var checker in fleet.Checkers)
        {
            Row(html, fleet, checker);
        }

        html.End().End();
    }

    private static void Row(HtmlWriter html, Fleet fleet, FleetChecker checker)
    {
        html.Start("tr", ("role", "row")).Start("th", ("scope", "row"), ("role", "rowheader"));
        (checker.Leads ? Icon.Lead : Icon.Silent).Write(html, checker.Leads ? "lead" : "quiet");
        html.Start("span", ("class", "called")).Name(checker.Checker ?? checker.Node);
        html.Start("small").Text(checker.Leads ? "leads" : "in line");
        if (checker.Checker is not null)
        {
            html.Text(", ").Name(checker.Node);
        }

        html.End().End().End();
        Cell(html, 1, checker.Kind switch { VoterKind.Go => "Go", VoterKind.RingKeeper => "RingKeeper", _ => "not known yet" });
        var age = Figures.Age(checker.AgeSeconds);
        Cell(html, 2, !checker.IsReadable ? "unreadable" : checker.IsStale ? $"{age} old, too old" : !checker.Counts ? "does not count" : $"{age} old");
        Cell(html, 3, checker.Summarize(fleet.Cluster.Shards));
        Cell(html, 4, ClientPart.SessionName(fleet.Nodes.Votes.First(vote => vote.Node == checker.Node).Owner));
        html.End();
    }

    private static void Cell(HtmlWriter html, int column, string text) => html.Element("td", text, ("role", "cell"), ("data-label", Columns[column]), ("dir", "auto"));
}
