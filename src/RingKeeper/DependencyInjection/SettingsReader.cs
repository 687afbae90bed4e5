using Microsoft.Extensions.Configuration;

namespace RingKeeper;

/// <summary>Reads a section of the configuration into options. What cannot be read is kept as a flaw, so that all of them are told at once.</summary>
internal static class SettingsReader
{
    private static readonly Dictionary<string, Action<CheckerSettings, Setting>> KnownOfChecker = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(CheckerSettings.Interval)] = static (to, from) => to.Interval = from.Time(to.Interval),
        [nameof(CheckerSettings.Threshold)] = static (to, from) => to.Threshold = from.Time(to.Threshold),
        [nameof(CheckerSettings.WorkerCount)] = static (to, from) => to.WorkerCount = from.Number(to.WorkerCount),
        [nameof(CheckerSettings.RecountInterval)] = static (to, from) => to.RecountInterval = from.Time(to.RecountInterval),
        [nameof(CheckerSettings.Redis)] = static (to, from) => to.Redis = from.Text(to.Redis),
        [nameof(CheckerSettings.Id)] = static (to, from) => to.Id = from.Text(to.Id),
    };

    private static readonly Dictionary<string, Action<ZKTlsSettings, Setting>> KnownOfTls = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(ZKTlsSettings.Enabled)] = static (to, from) => to.Enabled = from.Flag(to.Enabled),
        [nameof(ZKTlsSettings.TargetHost)] = static (to, from) => to.TargetHost = from.Text(to.TargetHost),
        [nameof(ZKTlsSettings.TrustedRootsFile)] = static (to, from) => to.TrustedRootsFile = from.Text(to.TrustedRootsFile),
        [nameof(ZKTlsSettings.CertificateFile)] = static (to, from) => to.CertificateFile = from.Text(to.CertificateFile),
        [nameof(ZKTlsSettings.KeyFile)] = static (to, from) => to.KeyFile = from.Text(to.KeyFile),
        [nameof(ZKTlsSettings.KeyPassword)] = static (to, from) => to.KeyPassword = from.Text(to.KeyPassword),
    };

    private static readonly Dictionary<string, Action<ZKSaslSettings, Setting>> KnownOfSasl = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(ZKSaslSettings.User)] = static (to, from) => to.User = from.Text(to.User),
        [nameof(ZKSaslSettings.Password)] = static (to, from) => to.Password = from.Text(to.Password),
        [nameof(ZKSaslSettings.Kerberos)] = static (to, from) => to.Kerberos = from.Flag(to.Kerberos),
        [nameof(ZKSaslSettings.ServiceName)] = static (to, from) => to.ServiceName = from.Text(to.ServiceName),
        [nameof(ZKSaslSettings.ServiceHost)] = static (to, from) => to.ServiceHost = from.Text(to.ServiceHost),
    };

    private static readonly Dictionary<string, Action<RingKeeperOptions, Setting>> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(RingKeeperOptions.ZKServers)] = static (to, from) => to.ZKServers = from.Text(to.ZKServers),
        [nameof(RingKeeperOptions.ClusterName)] = static (to, from) => to.ClusterName = from.Text(to.ClusterName),
        [nameof(RingKeeperOptions.ZKTimeout)] = static (to, from) => to.ZKTimeout = from.Time(to.ZKTimeout),
        [nameof(RingKeeperOptions.StartTimeout)] = static (to, from) => to.StartTimeout = from.Time(to.StartTimeout),
        [nameof(RingKeeperOptions.DigestCredentials)] = static (to, from) => to.DigestCredentials = from.Text(to.DigestCredentials),
        [nameof(RingKeeperOptions.ZKTls)] = static (to, from) => from.Read(to.ZKTls, KnownOfTls),
        [nameof(RingKeeperOptions.ZKSasl)] = static (to, from) => from.Read(to.ZKSasl, KnownOfSasl),
        [nameof(RingKeeperOptions.Redis)] = static (to, from) => to.Redis = from.Text(to.Redis),
        [nameof(RingKeeperOptions.ReadyTimeout)] = static (to, from) => to.ReadyTimeout = from.Time(to.ReadyTimeout),
        [nameof(RingKeeperOptions.ConnectTimeout)] = static (to, from) => to.ConnectTimeout = from.Time(to.ConnectTimeout),
        [nameof(RingKeeperOptions.DrainTimeout)] = static (to, from) => to.DrainTimeout = from.Time(to.DrainTimeout),
        [nameof(RingKeeperOptions.StaleViewAfter)] = static (to, from) => to.StaleViewAfter = from.Time(to.StaleViewAfter),
        [nameof(RingKeeperOptions.StaleViewPolicy)] = static (to, from) => to.StaleViewPolicy = from.Choice(to.StaleViewPolicy),
        [nameof(RingKeeperOptions.SnapshotFile)] = static (to, from) => to.SnapshotFile = from.Text(to.SnapshotFile),
        [nameof(RingKeeperOptions.TrustSnapshot)] = static (to, from) => to.TrustSnapshot = from.Flag(to.TrustSnapshot),
        [nameof(RingKeeperOptions.Checker)] = static (to, from) => from.Read(to.Checker, KnownOfChecker),
        ["Cache"] = static (to, from) => to.CacheSection = from.Section,
    };

    /// <summary>Reads the section; settings that are missing in it stay as they are.</summary>
    public static void Read(IConfigurationSection section, RingKeeperOptions options)
    {
        options.Section = section.Path;
        new Setting(section, options.Flaws).Read(options, Known);
    }
}
