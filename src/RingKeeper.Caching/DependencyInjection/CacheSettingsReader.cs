using Microsoft.Extensions.Configuration;

namespace RingKeeper;

/// <summary>Reads the section <c>Cache</c> of a cluster's section.</summary>
internal static class CacheSettingsReader
{
    private static readonly Dictionary<string, Action<CacheSettings, Setting>> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(CacheSettings.Format)] = static (to, from) => to.Format = from.Choice(to.Format),
        [nameof(CacheSettings.KeyPrefix)] = static (to, from) => to.KeyPrefix = from.Text(to.KeyPrefix)!,
        [nameof(CacheSettings.Expiry)] = static (to, from) => to.Expiry = from.Time(to.Expiry),
        [nameof(CacheSettings.MaxValueBytes)] = static (to, from) => to.MaxValueBytes = from.Number(to.MaxValueBytes),
        [nameof(CacheSettings.WhenShardAway)] = static (to, from) => to.WhenShardAway = from.Choice(to.WhenShardAway),
        [nameof(CacheSettings.RoutePolicy)] = static (to, from) => to.RoutePolicy = from.Choice(to.RoutePolicy),
        [nameof(CacheSettings.Channel)] = static (to, from) => to.Channel = from.Text(to.Channel)!,
    };

    /// <summary>Reads the section; settings that are missing in it stay as they are.</summary>
    public static void Read(IConfigurationSection section, CacheSettings settings)
    {
        settings.Section = section.Path;
        new Setting(section, settings.Flaws).Read(settings, Known);
    }
}
