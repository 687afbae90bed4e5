using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace RingKeeper.Dashboard;

/// <summary>The page that lists the clusters of a dashboard. Pure.</summary>
internal static class ClusterList
{
    /// <summary>Renders it; its addresses are relative to the dashboard's root.</summary>
    public static string Render(IReadOnlyList<(string Id, DashboardState State)> clusters)
    {
        var html = new StringBuilder("""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="refresh" content="5">
            <title>RingKeeper</title>
            <link rel="stylesheet" href="assets/dashboard.css">
            </head>
            <body>
            <main class="clusters">
            <h1>Clusters</h1>
            <ul>

            """);
        foreach (var (id, state) in clusters)
        {
            html.Append("<li><a href=\"clusters/").Append(Encode(Uri.EscapeDataString(id))).Append("\">").Append(Encode(id)).Append("</a> ").Append(Encode(Summarize(state))).Append("</li>\n");
        }

        return html.Append("</ul>\n</main>\n</body>\n</html>\n").ToString();
    }

    private static string Summarize(DashboardState state)
    {
        var worst = state.Alarms.Length > 0 ? $"; {state.Alarms[0].Text}" : "; no alarm";
        return state.Shards.IsEmpty
            ? $"not read yet{worst}"
            : string.Create(CultureInfo.InvariantCulture, $"{state.Shards.Count(static shard => shard.Status is { Alive: true })} of {state.Shards.Length} shards alive{worst}");
    }

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
