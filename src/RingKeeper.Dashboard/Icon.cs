namespace RingKeeper.Dashboard;

/// <summary>The signs of the page. Each has a shape of its own, so that none is told by colour alone, and stands beside a word.</summary>
internal sealed record Icon(string Id, string Path)
{
    public static readonly Icon Alive = new("i-alive", "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm-1 10L3.8 7.8l1.4-1.4L7 8.2l3.8-3.8 1.4 1.4Z");
    public static readonly Icon Dead = new("i-dead", "M2 1h12a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H2a1 1 0 0 1-1-1V2a1 1 0 0 1 1-1Zm3.2 2.8L3.8 5.2 6.6 8l-2.8 2.8 1.4 1.4L8 9.4l2.8 2.8 1.4-1.4L9.4 8l2.8-2.8-1.4-1.4L8 6.6Z");
    public static readonly Icon Waiting = new("i-waiting", "M8 .6 15.4 8 8 15.4.6 8ZM7 4v5h2V4Zm0 6v2h2v-2Z");
    public static readonly Icon Drained = new("i-drained", "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM5 4.5h2v7H5Zm4 0h2v7H9Z");
    public static readonly Icon Warning = new("i-warning", "M8 1 15.6 14.5H.4ZM7 6v4h2V6Zm0 5v2h2v-2Z");
    public static readonly Icon Note = new("i-note", "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM7 4h2v2H7Zm0 3h2v5H7Z");
    public static readonly Icon Silent = new("i-silent", "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z");
    public static readonly Icon Old = new("i-old", "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM7 3.5h2v4l2.7 1.6-1 1.7L7 8.6Z");
    public static readonly Icon Lead = new("i-lead", "M8 .8l2.2 4.7 5.1.6-3.8 3.5 1 5.1L8 12.2l-4.5 2.5 1-5.1L.7 6.1l5.1-.6Z");
    public static readonly Icon Change = new("i-change", "M2 3h9V1l4 3-4 3V5H2Zm12 8H5V9l-4 3 4 3v-2h9Z");

    private static readonly Icon[] All = [Alive, Dead, Waiting, Drained, Warning, Note, Silent, Old, Lead, Change];

    /// <summary>Writes the shapes of all, once a page.</summary>
    public static void Define(HtmlWriter html)
    {
        html.Start("svg", ("class", "defs"), ("width", "0"), ("height", "0"), ("aria-hidden", "true"), ("focusable", "false"));
        foreach (var icon in All)
        {
            html.Start("symbol", ("id", icon.Id), ("viewBox", "0 0 16 16")).Empty("path", ("fill-rule", "evenodd"), ("d", icon.Path)).End();
        }

        html.Start("pattern", ("id", "hatch"), ("width", "7"), ("height", "7"), ("patternUnits", "userSpaceOnUse"), ("patternTransform", "rotate(45)"));
        html.Empty("rect", ("class", "hatch"), ("width", "3"), ("height", "7")).End().End();
    }

    /// <summary>Writes this one; the word stands beside it.</summary>
    public void Write(HtmlWriter html, string? kind = null) =>
        html.Start("svg", ("class", kind is null ? "icon" : $"icon {kind}"), ("aria-hidden", "true"), ("focusable", "false")).Empty("use", ("href", $"#{Id}")).End();
}
