namespace RingKeeper.Simulator;

/// <summary>A law that a run broke.</summary>
/// <param name="Law">The law.</param>
/// <param name="At">When.</param>
/// <param name="Zxid">The newest commit by then.</param>
/// <param name="What">What happened.</param>
internal sealed record Violation(Law Law, TimeSpan At, long Zxid, string What)
{
    public override string ToString() => $"{Law} broken at {At.TotalSeconds:0.000} s, zxid {Zxid}: {What}";
}
