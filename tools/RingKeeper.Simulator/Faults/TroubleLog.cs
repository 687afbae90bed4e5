namespace RingKeeper.Simulator;

/// <summary>What was wrong between whom, and until when: who may excuse himself with it.</summary>
internal sealed class TroubleLog(Agenda agenda, Network network, int hosts)
{
    private readonly long[,] _until = new long[hosts, hosts];
    private int _general;
    private long _generalUntil;

    /// <summary>Whether anything was wrong between two hosts since that time.</summary>
    public bool WasBetween(int one, int other, long since) => network.IsDisturbed(one, other) || _until[one, other] > since || _until[other, one] > since;

    public void NoteBetween(int one, int other) => _until[one, other] = agenda.Now;

    /// <summary>Whether anything was wrong with ZooKeeper itself since that time.</summary>
    public bool WasGeneral(long since) => _general > 0 || _generalUntil > since;

    public void BeginGeneral() => _general++;

    public void EndGeneral()
    {
        _general--;
        _generalUntil = agenda.Now;
    }
}
