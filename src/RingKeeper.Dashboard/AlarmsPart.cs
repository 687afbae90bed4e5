using System.Collections.Immutable;

namespace RingKeeper.Dashboard;

/// <summary>The sentence of the state, and the alarms with their remedies.</summary>
internal static class AlarmsPart
{
    // The worst come first; more than these would push everything else off the screen.
    private const int Most = 5;

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

        html.Element("h2", "Alarms", ("class", "unseen"));
        List(html, state.Alarms[..Math.Min(Most, state.Alarms.Length)]);
        if (state.Alarms.Length > Most)
        {
            html.Start("details", ("id", "alarms-more"), ("class", "more")).Element("summary", Figures.Count(state.Alarms.Length - Most, "more alarm", "more alarms"));
            List(html, state.Alarms[Most..]);
            html.End();
        }
    }

    private static void List(HtmlWriter html, ImmutableArray<FleetAlarm> alarms)
    {
        html.Start("ul", ("class", "alarms"));
        foreach (var alarm in alarms)
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
