namespace RingKeeper.Dashboard;

/// <summary>How the state of a shard is shown: a sign, a word, and a kind for its colour. Pure.</summary>
internal sealed record ShardLook(Icon Icon, string Word, string Kind)
{
    private static readonly ShardLook Alive = new(Icon.Alive, "alive", "good");
    private static readonly ShardLook Replica = new(Icon.Warning, "alive, but a replica", "bad");
    private static readonly ShardLook Held = new(Icon.Warning, "held alive", "warn");
    private static readonly ShardLook Dead = new(Icon.Dead, "dead", "bad");
    private static readonly ShardLook Drained = new(Icon.Drained, "drained", "quiet");
    private static readonly ShardLook Draining = new(Icon.Drained, "to be drained", "warn");
    private static readonly ShardLook Undecided = new(Icon.Waiting, "undecided", "warn");

    /// <summary>The look of a shard.</summary>
    public static ShardLook Of(ShardPanel shard) => (shard.Status, shard.Shard.Drained) switch
    {
        (null, _) => Undecided,
        ({ Alive: false }, true) => Drained,
        ({ Alive: true }, true) => Draining,
        ({ Alive: false }, _) => Dead,
        ({ Role: "slave" }, _) => Replica,
        _ => shard.Count.Hold is { IsBrake: true } ? Held : Alive,
    };

    /// <summary>Writes sign and word.</summary>
    public void Write(HtmlWriter html)
    {
        html.Start("span", ("class", $"look {Kind}"));
        Icon.Write(html);
        html.Element("b", Word).End();
    }
}
