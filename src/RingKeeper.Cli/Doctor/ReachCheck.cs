using System.Globalization;

namespace RingKeeper.Cli.Doctor;

/// <summary>Whether each shard can be reached from here, takes these credentials, and tells of itself.</summary>
internal sealed class ReachCheck : IDoctorCheck
{
    public string Name => "shards";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        if (facts.Fleet.Value is not { } fleet)
        {
            yield return facts.Silent("shard").First();
            yield break;
        }

        foreach (var (shard, answer) in facts.Shards)
        {
            yield return answer switch
            {
                { Value: { } told } when told.Fields.GetValueOrDefault("loading") is "1" => Finding.Warning(
                    "shard-loading", $"shard {shard.Name} is loading its data and serves nobody", "wait; a cache that keeps nothing on disk starts at once"),
                { Value: { } told } => Finding.Ok("shard", string.Create(CultureInfo.InvariantCulture, $"{shard.Name} ({shard.Addr}) answers in {told.RoundTrip.TotalMilliseconds:0.0} ms, up for {TimeSpan.FromSeconds(told.UptimeSeconds ?? 0):c}")),
                { IsLate: true } => Away(facts, fleet, shard, "shard-hangs", $"shard {shard.Name} ({shard.Addr}) takes the connection or not, and does not answer: {answer.Trouble}", "look at that machine: the server hangs, or packets are dropped on the way"),
                { Failure: ProbeException { Result.Outcome: ProbeOutcome.Misconfigured } } => Finding.Critical(
                    "shard-login", $"shard {shard.Name} ({shard.Addr}) refuses these credentials or this certificate: {answer.Trouble}", $"correct {RedisVariable.Name}, or redis of the file of --config; or the ACL of the server: the user needs +info"),
                _ => Away(facts, fleet, shard, "shard-unreachable", $"shard {shard.Name} ({shard.Addr}) cannot be reached from here: {answer.Trouble}", "start its server; or look at the network and firewalls between here and it"),
            };
        }
    }

    // What is agreed to be dead is told by its own alarm.
    private static Finding Away(DoctorFacts facts, Fleet fleet, Shard shard, string code, string text, string remedy) => fleet.StatusOf(shard) is { Alive: false }
        ? Finding.Note(code, $"{text}; it is agreed to be dead", remedy)
        : Finding.Critical(code, $"{text}; {(fleet.StatusOf(shard) is null ? "nothing is decided of it, so that its keys wait" : "clients still send it keys")}", $"{remedy}; 'ringkeeper why {facts.Name} {shard.Name}' tells what the checkers see");
}
