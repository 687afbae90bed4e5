using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>completion</c> was asked.</summary>
/// <param name="Shell">The shell's name.</param>
internal sealed record CompletionRequest(string Shell);

internal static class CompletionCommand
{
    public static Command Build(CliContext context, CommandHandler<CompletionRequest> handler)
    {
        var shell = new Argument<string>("SHELL") { Description = $"The shell: {string.Join(", ", CompletionScripts.Shells)}." };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        return context.Bind(
            new Command("completion", "Prints a script that completes commands, options, values and names in a shell.") { shell },
            parsed => new CompletionRequest(parsed.GetRequiredValue(shell)),
            handler,
            "ringkeeper completion bash > ~/.local/share/bash-completion/completions/ringkeeper",
            "ringkeeper completion zsh > ~/.zfunc/_ringkeeper",
            "ringkeeper completion fish > ~/.config/fish/completions/ringkeeper.fish");
    }
}
