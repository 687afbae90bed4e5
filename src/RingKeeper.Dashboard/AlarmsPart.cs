namespace RingKeeper.Dashboard;

/// <summary>The sentence of the state, and the alarms with their remedies.</summary>
internal static class AlarmsPart
{
    public static void WriteState(HtmlWriter html, DashboardState state)
    {
        var headline = Headline.Of(state);
        html.Start("p", ("class", $"sentence {headline.Kind}"));
        headline.Icon.Write(html);
        html.Element("span", headline.Text, ("dir", "auto")).End();
    }

    public static void Write(HtmlWriter html, DashboardState state)
    {
        if (state.Alarms.IsEmpty)
        {
            return;
        }

        html.Element("h2", "Alarms", ("class", "unseen")).Start("ul", ("class", "alarms"));
        foreach (var alarm in state.Alarms)
        {
            var (icon, word, kind) = alarm.Level switch
            {
                FleetAlarmLevel.Critical => (Icon.Dead, "Critical", "bad"),
                FleetAlarmLevel.Warning => (Icon.Warning, "Warning", "warn"),
                _ => (Icon.Note, "Note", "quiet"),
            };
            html.Start("li", ("class", kind), ("data-code", alarm.Code));
            icon.Write(html);
            html.Start("div").Start("p", ("dir", "auto")).Element("b", $"{word}: ").Text(alarm.Text).End();
            html.Element("p", alarm.Remedy, ("class", "remedy"), ("dir", "auto")).End().End();
        }

        html.End();
    }
}
