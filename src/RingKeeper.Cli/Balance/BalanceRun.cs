using System.Globalization;
using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Doctor;
using StackExchange.Redis;

namespace RingKeeper.Cli.Balance;

/// <summary>Samples the keys of all shards that can be reached, side by side at one bounded rate.</summary>
/// <param name="request">What to sample.</param>
/// <param name="samples">One a shard; they hold what was found until then.</param>
/// <param name="time">The source of time.</param>
internal sealed class BalanceRun(BalanceRequest request, IReadOnlyList<ShardSample> samples, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly ScanPace _pace = new(request.Rate, time);
    private int _found;

    /// <summary>Gets how many keys were looked at until now.</summary>
    public int Found => Volatile.Read(ref _found);

    /// <summary>Gets how many are to be.</summary>
    public long Total => samples.Sum(static sample => sample.Quota);

    /// <summary>Asks each shard how much it holds, and shares out the sample by that.</summary>
    public async Task CountAsync(CancellationToken cancellationToken)
    {
        var reader = new ShardFactsReader(request.Redis.Apply, time);
        var questions = new Questions(Timeout, time);
        await Task.WhenAll(samples.Select(async sample =>
        {
            var told = await questions.AskAsync(token => reader.ReadAsync(sample.Shard.Addr, token), cancellationToken);
            if (told.Value is not { TellsKeys: true } facts)
            {
                sample.Trouble = told.Value is null ? told.Trouble : "INFO tells nothing of its databases";
                return;
            }

            (sample.Keys, sample.Expiring) = DatabaseOf(facts.Fields.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"db{Database}")));
        }));
        Quotas.Share(samples, request.Sample);
    }

    /// <summary>Walks over the shards.</summary>
    public Task WalkAsync(CancellationToken cancellationToken) => Task.WhenAll(samples.Where(static sample => sample.Quota > 0).Select(async sample =>
    {
        try
        {
            await using var multiplexer = await ShardConfiguration.OpenAsync(sample.Shard.Addr, new ClusterOptions { ConfigureRedis = request.Redis.Apply }).WaitAsync(cancellationToken);
            await new ShardWalk(sample, _pace, count => Interlocked.Add(ref _found, count)).RunAsync(multiplexer.GetDatabase(Database), cancellationToken);
        }
        catch (RedisConnectionException e)
        {
            sample.Trouble = ShardWalk.Describe(e);
        }
    }));

    private int Database => request.Database ?? request.DefaultDatabase;

    // keys=3,expires=1,avg_ttl=0; a database without keys is not listed.
    private static (long Keys, long Expiring) DatabaseOf(string? line)
    {
        var numbers = (line ?? "").Split(',').Select(static part => part.Split('=')).Where(static part => part.Length == 2).ToDictionary(static part => part[0], static part => part[1], StringComparer.Ordinal);
        return (NumberOf("keys"), NumberOf("expires"));

        long NumberOf(string name) => long.TryParse(numbers.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
