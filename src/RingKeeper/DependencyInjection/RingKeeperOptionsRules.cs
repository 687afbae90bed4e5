using Microsoft.Extensions.Options;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper;

/// <summary>Finds everything that is wrong with options, each with the setting's path and what to do; never quotes a secret.</summary>
internal sealed class RingKeeperOptionsRules(IEnumerable<ClusterRegistration> registrations) : IValidateOptions<RingKeeperOptions>
{
    private const int MaxWorkers = 1024;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, RingKeeperOptions options)
    {
        if (registrations.All(registration => registration.Name != (name ?? "")))
        {
            return ValidateOptionsResult.Skip;
        }

        var flaws = FindFlaws(name ?? "", options);
        return flaws.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(flaws);
    }

    private static List<string> FindFlaws(string name, RingKeeperOptions options)
    {
        var flaws = new List<string>(options.Flaws);
        var checker = options.Checker;
        CheckText(options.ZKServers, nameof(options.ZKServers), "Name the ZooKeeper servers, e.g. zk1:2181,zk2:2181,zk3:2181.", static servers => ConnectString.Parse(servers));
        CheckText(options.ClusterName, nameof(options.ClusterName), "Name the cluster, as 'ringkeeper cluster create NAME' did.", ZKConnector.CheckReadableName);
        CheckTime(options.ZKTimeout, nameof(options.ZKTimeout), Least);
        CheckTime(options.StartTimeout, nameof(options.StartTimeout), Least);
        CheckTime(options.ReadyTimeout, nameof(options.ReadyTimeout), TimeSpan.Zero);
        CheckTime(options.ConnectTimeout, nameof(options.ConnectTimeout), Least);
        CheckTime(options.DrainTimeout, nameof(options.DrainTimeout), TimeSpan.Zero);
        CheckTime(options.StaleViewAfter, nameof(options.StaleViewAfter), Least);
        if (!Enum.IsDefined(options.StaleViewPolicy))
        {
            flaws.Add($"{SettingName.Of(name, options, nameof(options.StaleViewPolicy))} is {(int)options.StaleViewPolicy}. Set it to {string.Join(", ", Enum.GetNames<StaleViewPolicy>())}.");
        }

        if (!string.IsNullOrEmpty(options.SnapshotFile) && (string.IsNullOrWhiteSpace(options.SnapshotFile) || options.SnapshotFile.Contains('\0', StringComparison.Ordinal)))
        {
            flaws.Add($"{SettingName.Of(name, options, nameof(options.SnapshotFile))} is '{options.SnapshotFile.Replace("\0", "\\0", StringComparison.Ordinal)}', which names no file. Set it to the path of a file, or leave it out.");
        }

        CheckTime(checker.Interval, $"Checker:{nameof(checker.Interval)}", Least);
        CheckTime(checker.Threshold, $"Checker:{nameof(checker.Threshold)}", Least);
        CheckTime(checker.RecountInterval, $"Checker:{nameof(checker.RecountInterval)}", Least);
        CheckRedis(options.Redis, nameof(options.Redis));
        CheckRedis(checker.Redis, $"Checker:{nameof(checker.Redis)}");
        if (checker.WorkerCount is < 1 or > MaxWorkers)
        {
            flaws.Add($"{SettingName.Of(name, options, $"Checker:{nameof(checker.WorkerCount)}")} is {checker.WorkerCount}. Set it to a number from 1 to {MaxWorkers}, e.g. 4.");
        }

        if (!string.IsNullOrEmpty(checker.Id) && CheckerIdentity.FlawOf(checker.Id) is { } flaw)
        {
            flaws.Add($"{SettingName.Of(name, options, $"Checker:{nameof(checker.Id)}")}: {flaw}.");
        }

        if (!string.IsNullOrEmpty(options.DigestCredentials) && options.DigestCredentials.IndexOf(':', StringComparison.Ordinal) <= 0)
        {
            flaws.Add($"{SettingName.Of(name, options, nameof(options.DigestCredentials))} is not of the form 'user:password'. Write a name, a colon and the password, or leave it out.");
        }

        if (options.ZKSasl.FindFlaw() is { } saslFlaw)
        {
            flaws.Add($"{SettingName.Of(name, options, nameof(options.ZKSasl))} {saslFlaw}");
        }

        if (options.ZKTls.FindFlaw(SettingName.Of(name, options, nameof(options.ZKTls))) is { } tlsFlaw)
        {
            flaws.Add(tlsFlaw);
        }

        return flaws;

        void CheckText(string? text, string setting, string remedy, Action<string> read)
        {
            var path = SettingName.Of(name, options, setting);
            if (string.IsNullOrWhiteSpace(text))
            {
                // What was there and could not be read has its flaw already.
                if (!flaws.Any(flaw => flaw.StartsWith($"{path} ", StringComparison.OrdinalIgnoreCase)))
                {
                    flaws.Add($"{path} is missing. {remedy}");
                }

                return;
            }

            try
            {
                read(text);
            }
            catch (Exception e) when (e is ArgumentException or RingKeeperException)
            {
                flaws.Add($"{path} is '{text}'. {e.Message}");
            }
        }

        void CheckTime(TimeSpan time, string setting, TimeSpan least)
        {
            if (time < least || time > Longest)
            {
                flaws.Add($"{SettingName.Of(name, options, setting)} is {time}. Set it to a time from {(least == Least ? "one millisecond" : "zero")} to one day, e.g. 00:00:01.");
            }
        }

        void CheckRedis(string? text, string setting)
        {
            try
            {
                RedisSettings.Parse(text, SettingName.Of(name, options, setting));
            }
            catch (RingKeeperException e)
            {
                flaws.Add(e.Message);
            }
        }
    }
}
