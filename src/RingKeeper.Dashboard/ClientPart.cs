using System.Globalization;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Dashboard;

/// <summary>How this process itself knows what the page shows: its ZooKeeper session, and how old its view is.</summary>
internal static class ClientPart
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    public static void Write(HtmlWriter html, DashboardState state)
    {
        var session = state.Session;
        var connected = session.State == SessionState.Connected;
        html.Start("dl", ("class", "client")).Start("div").Element("dt", "ZooKeeper").Start("dd", ("class", connected ? "good" : "bad"));
        (connected ? Icon.Alive : Icon.Warning).Write(html);
        html.Text(Word(session));
        if (session.Server is { } server)
        {
            html.Text($" {server}");
        }

        html.End().End();
        if (session.SessionId != 0)
        {
            Pair(html, "session", $"{SessionName(session.SessionId)}, {Figures.Duration(session.NegotiatedTimeout)}");
        }

        Pair(html, "view", state.View is null ? "none yet" : state.ViewAge < Fresh ? "up to date" : $"{Figures.Duration(state.ViewAge)} old", state.View is not null && state.ViewAge < Fresh ? null : "warn");
        html.Start("div").Element("dt", "as of").Start("dd").Time(state.At, state.At, ago: false).Text(" UTC").End().End().End();
        foreach (var trouble in new[] { state.SessionTrouble, state.News.Fleet is null ? null : state.News.Trouble })
        {
            if (trouble is not null)
            {
                html.Start("p", ("class", "trouble"));
                Icon.Warning.Write(html);
                html.Element("span", trouble, ("dir", "auto")).End();
            }
        }
    }

    /// <summary>A session's id as ZooKeeper's own tools write it.</summary>
    public static string SessionName(long id) => string.Create(CultureInfo.InvariantCulture, $"0x{id:x}");

    private static void Pair(HtmlWriter html, string name, string value, string? kind = null) => html.Start("div").Element("dt", name).Element("dd", value, ("class", kind)).End();

    private static string Word(SessionSnapshot session) => session.State switch
    {
        SessionState.Connected => "connected to",
        SessionState.ReadOnly => "without quorum, reads only:",
        SessionState.Suspended => "connection lost, last to",
        SessionState.Lost => "session lost, last on",
        SessionState.AuthFailed => "credentials refused by",
        SessionState.Closed => "closed",
        _ => "connecting",
    };
}
