namespace RingKeeper.Dashboard;

/// <summary>Where a key that was asked for belongs, and who serves it.</summary>
internal static class KeyPart
{
    public static void Write(HtmlWriter html, DashboardState state, string? key)
    {
        if (string.IsNullOrEmpty(key))
        {
            html.Element("p", "Owner, stand-ins and age of any key, and its place on the ring.", ("class", "hint"));
            return;
        }

        if (ViewOf(state, out var trouble) is not { } view)
        {
            html.Element("p", trouble ?? "Not known yet: the cluster is being read.", ("class", "empty"));
            return;
        }

        var place = KeyPlace.Of(view, key);
        html.Start("dl", ("class", "key"));
        html.Element("dt", "key").Start("dd").Element("code", key, ("dir", "auto")).End();
        html.Element("dt", "owner").Start("dd");
        Shard(html, state, place.Owner);
        html.End().Element("dt", "stand-ins").Start("dd");
        foreach (var name in place.Order.Skip(1).Take(8))
        {
            Shard(html, state, name);
            html.Text(" ");
        }

        html.Text(place.Order.Count switch { 1 => "none", > 9 => $"and {Figures.Number(place.Order.Count - 9)} more", _ => "" });
        html.End().Element("dt", "served by").Start("dd");
        if (place.ServedBy is { } server)
        {
            Shard(html, state, server);
        }
        else
        {
            html.Text($"nobody: {place.Outcome}");
        }

        html.End();
        if (place.ValidSince is { } since)
        {
            html.Element("dt", "valid since").Start("dd").Stamp(since, state.At).End();
        }

        html.End();
    }

    private static void Shard(HtmlWriter html, DashboardState state, string name)
    {
        var index = state.Shards.ToList().FindIndex(shard => shard.Shard.Name == name);
        html.Start("span", ("class", "who"), ("data-shard", index < 0 ? null : Figures.Number(index)));
        if (index >= 0)
        {
            RingPart.Swatch(html, index, state.Shards[index]);
        }

        html.Name(name).End();
    }

    // What clients route by; before this process's own is connected, what its fleet gives.
    private static ClusterView? ViewOf(DashboardState state, out string? trouble)
    {
        trouble = null;
        try
        {
            return state.View ?? (state.News.Fleet is { } fleet ? KeyPlace.ViewOf(fleet.Cluster, fleet.Nodes.Statuses.Values) : null);
        }
        catch (RingKeeperException e)
        {
            trouble = e.Message;
            return null;
        }
    }
}
