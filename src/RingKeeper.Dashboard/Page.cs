namespace RingKeeper.Dashboard;

/// <summary>Turns a state into HTML. Pure.</summary>
internal static class Page
{
    private const int MaxKeyLength = 512;
    private static readonly string[] Tables = ["shards", "checkers", "timeline"];

    /// <summary>The parts of the page that change with the state: each has the id of an element, and the HTML that belongs inside it.</summary>
    public static IReadOnlyList<(string Id, string Html)> Sections(DashboardState state, string? key) =>
    [
        ("state", HtmlWriter.Write(html => AlarmsPart.WriteState(html, state))),
        ("alarms", HtmlWriter.Write(html => AlarmsPart.Write(html, state))),
        ("client", HtmlWriter.Write(html => ClientPart.Write(html, state))),
        ("ring", HtmlWriter.Write(html => RingPart.Write(html, state, key))),
        ("key-place", HtmlWriter.Write(html => KeyPart.Write(html, state, key))),
        ("shards", HtmlWriter.Write(html => ShardsPart.Write(html, state))),
        ("checkers", HtmlWriter.Write(html => CheckersPart.Write(html, state))),
        ("timeline", HtmlWriter.Write(html => TimelinePart.Write(html, state))),
    ];

    /// <summary>The whole page, as it is first sent and as it is without JavaScript.</summary>
    /// <param name="state">The state.</param>
    /// <param name="clusters">The names of all clusters that have a page here.</param>
    /// <param name="root">The address of the dashboard as the browser sees it, without a slash at the end.</param>
    /// <param name="key">The key that was asked for, or null.</param>
    public static string Render(DashboardState state, IReadOnlyList<string> clusters, string root, string? key)
    {
        var parts = Sections(state, key).ToDictionary(static part => part.Id, static part => part.Html, StringComparer.Ordinal);
        var address = AddressOf(root, state.Cluster);
        var live = $"{address}/live{(string.IsNullOrEmpty(key) ? "" : $"?key={Uri.EscapeDataString(key)}")}";
        return "<!doctype html>\n" + HtmlWriter.Write(html =>
        {
            Head(html, state.Cluster, root, isLive: true);
            html.Start("body", ("data-live", live), ("data-now", Figures.Number(state.At.ToUnixTimeMilliseconds())));
            Icon.Define(html);
            html.Element("a", "To the shards", ("class", "skip"), ("href", "#shards"));
            Header(html, state.Cluster, clusters, root);
            html.Start("main");
            html.Start("div", ("id", "state"), ("role", "status"), ("aria-live", "polite"), ("aria-atomic", "true")).Part(parts["state"]).End();
            html.Start("section", ("id", "alarms"), ("aria-label", "Alarms")).Part(parts["alarms"]).End();
            html.Start("section", ("id", "client"), ("aria-label", "How this page knows")).Part(parts["client"]).End();
            html.Start("div", ("class", "columns")).Start("div", ("class", "side"));
            html.Start("section", ("id", "ring"), ("class", "card"), ("aria-labelledby", "ring-heading")).Part(parts["ring"]).End();
            Key(html, address, key, parts["key-place"]);
            html.End().Start("div", ("class", "rest"));
            foreach (var id in Tables)
            {
                html.Start("section", ("id", id), ("class", "card"), ("aria-labelledby", $"{id}-heading")).Part(parts[id]).End();
            }

            html.End().End().End();
            html.Start("footer").Element("p", "Read only. Times are in UTC.").End().End().End();
        });
    }

    /// <summary>The page that leads to the pages of all clusters.</summary>
    /// <param name="clusters">Their names.</param>
    /// <param name="root">The address of the dashboard as the browser sees it, without a slash at the end.</param>
    public static string RenderList(IReadOnlyList<string> clusters, string root) => "<!doctype html>\n" + HtmlWriter.Write(html =>
    {
        Head(html, "Clusters", root, isLive: false);
        html.Start("body").Start("header").Element("p", "RingKeeper", ("class", "brand")).Element("h1", "Clusters").End();
        html.Start("main").Start("section", ("class", "card")).Start("ul", ("class", "clusters"));
        foreach (var name in clusters)
        {
            html.Start("li").Start("a", ("href", AddressOf(root, name))).Name(name).End().End();
        }

        html.End();
        if (clusters.Count == 0)
        {
            html.Element("p", "No cluster is shown here.", ("class", "empty"));
        }

        html.End().End().End().End();
    });

    /// <summary>The address of a cluster's page.</summary>
    public static string AddressOf(string root, string cluster) => $"{root}/clusters/{Uri.EscapeDataString(cluster)}";

    private static void Head(HtmlWriter html, string title, string root, bool isLive)
    {
        html.Start("html", ("lang", "en")).Start("head").Empty("meta", ("charset", "utf-8"));
        html.Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1")).Empty("meta", ("name", "color-scheme"), ("content", "light dark"));
        html.Element("title", $"{title} · RingKeeper").Empty("link", ("rel", "stylesheet"), ("href", $"{root}/assets/dashboard.css"));
        html.Empty("link", ("rel", "icon"), ("type", "image/svg+xml"), ("href", $"{root}/assets/dashboard.svg"));
        if (isLive)
        {
            html.Start("noscript").Empty("meta", ("http-equiv", "refresh"), ("content", "5")).End();
            html.Start("script", ("src", $"{root}/assets/dashboard.js"), ("defer", "defer")).End();
        }

        html.End();
    }

    private static void Header(HtmlWriter html, string cluster, IReadOnlyList<string> clusters, string root)
    {
        html.Start("header").Element("p", "RingKeeper", ("class", "brand")).Start("h1").Name(cluster).End();
        if (clusters.Count > 1)
        {
            html.Start("nav", ("aria-label", "Clusters")).Start("ul");
            foreach (var name in clusters)
            {
                html.Start("li").Start("a", ("href", AddressOf(root, name)), ("aria-current", name == cluster ? "page" : null)).Name(name).End().End();
            }

            html.End().End();
        }

        html.Start("p", ("id", "live"), ("class", "live"), ("hidden", "hidden")).End().End();
    }

    private static void Key(HtmlWriter html, string address, string? key, string place)
    {
        html.Start("section", ("class", "card"), ("id", "key"), ("aria-labelledby", "key-heading")).Element("h2", "Where is a key?", ("id", "key-heading"));
        html.Start("form", ("method", "get"), ("action", address), ("role", "search")).Element("label", "Key", ("for", "key-text"), ("class", "unseen"));
        html.Empty("input", ("id", "key-text"), ("name", "key"), ("type", "text"), ("value", key), ("placeholder", "user:42"), ("autocomplete", "off"), ("spellcheck", "false"), ("maxlength", Figures.Number(MaxKeyLength)));
        html.Element("button", "Find", ("type", "submit")).End();
        html.Start("div", ("id", "key-place")).Part(place).End().End();
    }
}
