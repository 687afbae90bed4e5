using System.Diagnostics;
using System.Runtime.CompilerServices;
using RingKeeper.Cli.Commands;
using Xunit;

namespace RingKeeper.Tests.Cli;

/// <summary>The unit in samples/systemd starts a command that exists, with options that exist.</summary>
public sealed class SystemdUnitTests : IDisposable
{
    private const string Program = "/opt/ringkeeper/ringkeeper";

    private readonly CliRun _cli = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ringkeeper-systemd-");

    public void Dispose()
    {
        _cli.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Its_command_line_parses_and_takes_the_credential_that_systemd_hands_over()
    {
        var unit = Read();
        Assert.Equal("ringkeeper.json:/etc/ringkeeper/%i.json", unit["LoadCredential"]);
        var words = unit["ExecStart"].Replace("%i", "orders", StringComparison.Ordinal).Replace("%H", "host1.example", StringComparison.Ordinal).Replace("%d", _folder.FullName, StringComparison.Ordinal).Split(' ');
        Assert.Equal(Program, words[0]);
        var file = Path.Combine(_folder.FullName, "ringkeeper.json");
        await File.WriteAllTextAsync(file, """{ "zookeeper": { "servers": "z:1", "digest": "ops:secret" } }""");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        }

        _cli.Variables.Clear();
        _cli.Variables["CREDENTIALS_DIRECTORY"] = _folder.FullName;

        var code = await _cli.ParseAsync(string.Join(' ', words[1..]));

        Assert.True(code == 0, _cli.Error);
        var request = Assert.IsType<CheckerRequest>(_cli.Request);
        Assert.Equal(("orders", "host1.example", "ops:secret"), (request.Name, request.Id, request.ZooKeeper.Digest));
    }

    [Theory]
    [InlineData("DynamicUser", "yes")]
    [InlineData("NoNewPrivileges", "yes")]
    [InlineData("ProtectSystem", "strict")]
    [InlineData("CapabilityBoundingSet", "")]
    [InlineData("Restart", "on-failure")]
    [InlineData("RestartPreventExitStatus", "2")]
    [InlineData("TimeoutStopSec", "15")]
    public void It_is_hardened_and_restarted_but_for_wrong_use(string name, string value) => Assert.Equal(value, Read()[name]);

    [Fact]
    public async Task Systemd_finds_nothing_to_complain_of()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "systemd is a matter of Linux alone.");
        Assert.True(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is missing: install the Debian package systemd, or run ./test.sh as root, which does.");
        var unit = Path.Combine(_folder.FullName, "ringkeeper-checker@orders.service");
        await File.WriteAllTextAsync(unit, (await File.ReadAllTextAsync(SourceFile())).Replace(Program, "/bin/true", StringComparison.Ordinal));
        using var verify = Process.Start(new ProcessStartInfo("/usr/bin/systemd-analyze", ["verify", "--man=no", unit]) { UseShellExecute = false, RedirectStandardError = true })!;

        var complaints = await verify.StandardError.ReadToEndAsync();
        await verify.WaitForExitAsync();

        Assert.Equal((0, ""), (verify.ExitCode, complaints));
    }

    private static Dictionary<string, string> Read() => File.ReadAllLines(SourceFile())
        .Where(static line => line.Contains('=', StringComparison.Ordinal) && line[0] != '#')
        .Select(static line => line.Split('=', 2))
        .GroupBy(static parts => parts[0], StringComparer.Ordinal)
        .ToDictionary(static group => group.Key, static group => group.Last()[1], StringComparer.Ordinal);

    private static string SourceFile([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "../../../samples/systemd/ringkeeper-checker@.service");
}
