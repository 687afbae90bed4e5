using Microsoft.Extensions.Options;

namespace RingKeeper;

/// <summary>Finds everything that is wrong with the settings of a cluster's caches, each with the setting's path and what to do.</summary>
internal sealed class CacheSettingsRules(string name) : IValidateOptions<CacheSettings>
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    public ValidateOptionsResult Validate(string? optionsName, CacheSettings settings)
    {
        if (optionsName != name)
        {
            return ValidateOptionsResult.Skip;
        }

        var flaws = new List<string>(settings.Flaws);
        if (settings.KeyPrefix is null)
        {
            flaws.Add($"{PathOf(nameof(settings.KeyPrefix))} is null. Set it to a text, or leave it out.");
        }

        if (settings.Expiry < Least)
        {
            flaws.Add($"{PathOf(nameof(settings.Expiry))} is {settings.Expiry}. Set it to a time from one millisecond on, e.g. 00:01:00.");
        }

        if (settings.MaxValueBytes < 1)
        {
            flaws.Add($"{PathOf(nameof(settings.MaxValueBytes))} is {settings.MaxValueBytes}. Set it to a number of bytes from 1 on, e.g. 1048576.");
        }

        if (string.IsNullOrEmpty(settings.Channel))
        {
            flaws.Add($"{PathOf(nameof(settings.Channel))} is empty. Name the channel of the backplane, or leave it out.");
        }

        if (settings.Serializer is null)
        {
            flaws.Add($"{PathOf(nameof(settings.Serializer))} is null. Set a serializer, or leave it out.");
        }

        CheckChoice(settings.Format, nameof(settings.Format));
        CheckChoice(settings.WhenShardAway, nameof(settings.WhenShardAway));
        CheckChoice(settings.RoutePolicy, nameof(settings.RoutePolicy));
        return flaws.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(flaws);

        void CheckChoice<T>(T choice, string setting)
            where T : struct, Enum
        {
            if (!Enum.IsDefined(choice))
            {
                flaws.Add($"{PathOf(setting)} is {choice}. Set it to {string.Join(", ", Enum.GetNames<T>())}.");
            }
        }

        string PathOf(string setting) => settings.Section is { } section
            ? $"{section}:{setting}"
            : $"{nameof(CacheSettings)}.{setting}{(name.Length == 0 ? "" : $" of '{name}'")}";
    }
}
