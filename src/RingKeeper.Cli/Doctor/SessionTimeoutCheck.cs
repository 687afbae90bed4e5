namespace RingKeeper.Cli.Doctor;

/// <summary>Whether the servers keep a session as long as was asked for, which is when a checker or client that went silent is noticed.</summary>
internal sealed class SessionTimeoutCheck : IDoctorCheck
{
    public string Name => "session timeout";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        if (facts.Session.Value is not { } session)
        {
            return [Finding.NotChecked("session-timeout", $"there is no session: {facts.Session.Trouble}", "see the finding about ZooKeeper")];
        }

        var (asked, granted) = (Duration.Format(session.Asked), Duration.Format(session.Granted));
        return session.Granted == session.Asked
            ? [Finding.Ok("session-timeout", $"{granted}, as asked for")]
            : session.Granted > session.Asked
                ? [Finding.Warning(
                    "session-timeout-longer",
                    $"the servers keep a session for {granted}, and {asked} were asked for: a checker that hangs or is cut off stays in line for that long, so that a leader is followed later and its vote is missed later",
                    $"lower tickTime (now {Duration.Format(session.Granted / 2)}, if minSessionTimeout is its default of two ticks) or minSessionTimeout in zoo.cfg of all servers, and restart them one after the other")]
                : [Finding.Warning(
                    "session-timeout-shorter",
                    $"the servers keep a session for {granted} only, and {asked} were asked for: a pause of that length ends sessions, and checkers lose their place in line",
                    "raise maxSessionTimeout (by default twenty ticks) in zoo.cfg of all servers, or ask for less")];
    }
}
