namespace RingKeeper.IntegrationTests.Servers;

/// <summary>Keeps every core busy at normal priority, one process each, and one more that churns memory.</summary>
internal sealed class BusyProcesses : IAsyncDisposable
{
    private const string Spin = "while :; do :; done";
    private const string Churn = "while True: bytearray(48 << 20)";

    private readonly TemporaryFolder _folder;
    private readonly List<ChildProcess> _processes = [];

    private BusyProcesses(TemporaryFolder folder) => _folder = folder;

    public int Count => _processes.Count;

    public static async Task<BusyProcesses> StartAsync()
    {
        var busy = new BusyProcesses(new TemporaryFolder("busy"));
        try
        {
            for (var i = 0; i < Environment.ProcessorCount; i++)
            {
                busy._processes.Add(await ChildProcess.StartAsync("sh", "dash", ["-c", Spin], busy._folder.Combine($"spin{i}.log")));
            }

            busy._processes.Add(await ChildProcess.StartAsync("/usr/bin/python3", "python3", ["-c", Churn], busy._folder.Combine("churn.log")));
            return busy;
        }
        catch
        {
            await busy.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether all are at work: what ended kept nothing busy.</summary>
    public bool AllRun => _processes.TrueForAll(process => !process.HasExited);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        _processes.Clear();
        _folder.Dispose();
    }
}
