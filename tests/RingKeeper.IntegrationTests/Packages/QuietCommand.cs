using System.Collections;
using System.Diagnostics;
using RingKeeper.IntegrationTests.Servers;

namespace RingKeeper.IntegrationTests.Packages;

/// <summary>
/// A command of the SDK, or of what was built with it, run to its end, with no build server left behind and gone with the test host.
/// </summary>
internal static class QuietCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    // Servers that stay would outlive the test; the host's own settings of MSBuild are not those of another project.
    private static readonly Dictionary<string, string> Standing = new(StringComparer.Ordinal)
    {
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["UseSharedCompilation"] = "false",
        ["UseRazorBuildServer"] = "false",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
    };

    /// <summary>Returns what the command wrote to standard output.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="variables">Further variables of its environment; to MSBuild they are properties.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <exception cref="InvalidOperationException">It failed; the message holds its own words.</exception>
    public static async Task<string> RunAsync(string folder, IReadOnlyDictionary<string, string> variables, IReadOnlyList<string> command)
    {
        ChildProcess.Require("setpriv", "util-linux");
        using var process = await ProcessSpawner.StartAsync(Describe(folder, variables, command));
        using var bound = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(bound.Token);
            var errors = process.StandardError.ReadToEndAsync(bound.Token);
            await process.WaitForExitAsync(bound.Token);
            return process.ExitCode == 0
                ? await output
                : throw new InvalidOperationException($"'{string.Join(' ', command)}' failed with exit code {process.ExitCode}: {await output}{await errors}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static ProcessStartInfo Describe(string folder, IReadOnlyDictionary<string, string> variables, IReadOnlyList<string> command)
    {
        var info = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", .. command])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (((string)variable.Key).StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            {
                info.Environment.Remove((string)variable.Key);
            }
        }

        foreach (var (name, value) in Standing.Concat(variables))
        {
            info.Environment[name] = value;
        }

        return info;
    }
}
