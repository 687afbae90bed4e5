namespace RingKeeper;

/// <summary>Names a setting as the user wrote it: by its path in the configuration, or as a property set in code.</summary>
internal static class SettingName
{
    public static string Of(string optionsName, RingKeeperOptions options, string setting)
    {
        if (options.Section is { } section)
        {
            return $"{section}:{setting}";
        }

        var property = $"{nameof(RingKeeperOptions)}.{setting.Replace(':', '.')}";
        return optionsName.Length == 0 ? property : $"{property} of '{optionsName}'";
    }
}
