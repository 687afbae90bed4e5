namespace RingKeeper.Simulator.Detectors;

/// <summary>What is recorded.</summary>
/// <param name="Name">Its name in tables, and on the command line.</param>
/// <param name="Story">What happens.</param>
/// <param name="Fault">How the server is lost.</param>
/// <param name="Healthy">For how long it lives.</param>
internal sealed record RecordedScene(string Name, string Story, TraceFault Fault, TimeSpan Healthy)
{
    public static readonly RecordedScene Idle = new("recorded idle", "redis-server 7.0.15 without load, on a machine that others use; then SIGSTOP", TraceFault.Hang, TimeSpan.FromSeconds(90));

    public static readonly RecordedScene Busy = new(
        "recorded busy", "redis-server 7.0.15 on a machine with four busy loops a processor; then SIGKILL", TraceFault.Crash, TimeSpan.FromSeconds(90));

    public static readonly RecordedScene Sleeps = new(
        "recorded sleeps", "redis-server 7.0.15 with a DEBUG SLEEP of 0.1 to 1.8 s every 10 s; then SIGSTOP", TraceFault.Hang, TimeSpan.FromSeconds(120));

    public static IReadOnlyList<RecordedScene> All { get; } = [Idle, Busy, Sleeps];
}
