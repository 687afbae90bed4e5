using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace RingKeeper;

/// <summary>One setting of a configuration. A value that cannot be read leaves the present one and becomes a flaw. Texts are never quoted: they may be secrets.</summary>
internal readonly struct Setting(IConfigurationSection section, List<string> flaws)
{
    public IConfigurationSection Section => section;

    /// <summary>Reads a section of settings; one that is not known is a flaw, since it is most likely a known one misspelt.</summary>
    public void Read<T>(T target, IReadOnlyDictionary<string, Action<T, Setting>> known)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            flaws.Add($"{section.Path} is a value and must be a section with settings: {string.Join(", ", known.Keys)}.");
            return;
        }

        foreach (var child in section.GetChildren())
        {
            if (known.TryGetValue(child.Key, out var take))
            {
                take(target, new Setting(child, flaws));
            }
            else
            {
                flaws.Add($"{child.Path} is not a setting; there are {string.Join(", ", known.Keys)}. Correct its name or remove it.");
            }
        }
    }

    public string? Text(string? present)
    {
        if (section.GetChildren().Any())
        {
            flaws.Add($"{section.Path} is a list or a section and must be one text. Write several servers with commas between them.");
            return present;
        }

        return section.Value ?? present;
    }

    public TimeSpan Time(TimeSpan present)
    {
        // TimeSpan takes a number without colons for days.
        if (section.Value is { } text && text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time))
        {
            return time;
        }

        Refuse("a time", "Write it as hh:mm:ss, e.g. 00:00:01 for one second or 00:00:00.500 for half of one.");
        return present;
    }

    public int Number(int present)
    {
        if (int.TryParse(section.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        Refuse("a whole number", "Write it in digits, e.g. 4.");
        return present;
    }

    public bool Flag(bool present)
    {
        if (bool.TryParse(section.Value, out var flag))
        {
            return flag;
        }

        Refuse("true or false", "Write true or false.");
        return present;
    }

    public T Choice<T>(T present)
        where T : struct, Enum
    {
        if (Enum.TryParse<T>(section.Value, ignoreCase: true, out var choice) && Enum.IsDefined(choice) && !char.IsAsciiDigit(section.Value![0]))
        {
            return choice;
        }

        Refuse($"one of {string.Join(", ", Enum.GetNames<T>())}", "Write one of these names.");
        return present;
    }

    // A null, as JSON can write it, means that the setting is left out.
    private void Refuse(string what, string remedy)
    {
        if (section.Value is { } text)
        {
            flaws.Add($"{section.Path} is '{text}', which is not {what}. {remedy}");
        }
        else if (section.GetChildren().Any())
        {
            flaws.Add($"{section.Path} is a list or a section and must be {what}. {remedy}");
        }
    }
}
