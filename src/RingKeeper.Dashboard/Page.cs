namespace RingKeeper.Dashboard;

/// <summary>Turns a state into HTML. Pure.</summary>
internal static class Page
{
    /// <summary>The parts of the page that change with the state: each has the id of an element, and the HTML that belongs inside it.</summary>
    public static IReadOnlyList<(string Id, string Html)> Sections(DashboardState state, string? key) => throw new NotSupportedException();

    /// <summary>The whole page, as it is first sent and as it is without JavaScript.</summary>
    /// <param name="state">The state.</param>
    /// <param name="clusters">The names of all clusters that have a page here.</param>
    /// <param name="root">The address of the dashboard as the browser sees it, without a slash at the end.</param>
    /// <param name="key">The key that was asked for, or null.</param>
    public static string Render(DashboardState state, IReadOnlyList<string> clusters, string root, string? key) => throw new NotSupportedException();
}
