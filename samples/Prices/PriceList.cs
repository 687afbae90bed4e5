namespace Prices;

/// <summary>Where prices come from, slowly: each reading is told apart.</summary>
public sealed class PriceList
{
    private int _readings;

    public ValueTask<string> ReadAsync(string product) =>
        ValueTask.FromResult($"{product} as read by process {Environment.ProcessId}, reading {Interlocked.Increment(ref _readings)}");
}
