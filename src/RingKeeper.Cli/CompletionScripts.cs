namespace RingKeeper.Cli;

/// <summary>Scripts that let shells ask the command itself, by its <c>[suggest]</c> directive, what may follow. Options are offered once a dash is typed.</summary>
internal static class CompletionScripts
{
    // The shell takes a word apart at '=' and ':', and replaces only what follows the last of them.
    private const string Bash = """
        _ringkeeper() {
            local line=${COMP_LINE:0:COMP_POINT} current prefix="" breaks word
            local -a found
            line=${line#"${line%%[![:space:]]*}"}
            line=${line#*[[:space:]]}
            current=${line##*[[:space:]]}
            breaks=${COMP_WORDBREAKS//[^:=]/}
            [[ -n $breaks ]] && prefix=${current%"${current##*[$breaks]}"}
            mapfile -t found < <(command ringkeeper "[suggest:${#line}]" "$line" 2>/dev/null)
            COMPREPLY=()
            for word in "${found[@]}"; do
                if [[ $word == "$current"* && ( $current == [-/]* || $word != [-/]* ) ]]; then
                    COMPREPLY+=("${word#"$prefix"}")
                fi
            done
        }
        complete -o bashdefault -o default -F _ringkeeper ringkeeper
        """;

    private const string Zsh = """
        #compdef ringkeeper
        _ringkeeper() {
            local line="${(j: :)words[2,CURRENT]}"
            local -a found
            found=(${(f)"$(command ringkeeper "[suggest:${#line}]" "$line" 2>/dev/null)"})
            [[ ${words[CURRENT]} == -* ]] || found=(${found:#[-/]*})
            if (( ${#found} )); then compadd -a found; else _files; fi
        }
        if [[ ${funcstack[1]} == _ringkeeper ]]; then _ringkeeper "$@"; else compdef _ringkeeper ringkeeper; fi
        """;

    private const string Fish = """
        function __ringkeeper_complete
            set -l line (commandline -cp | string replace -r '^\s*\S+\s+' '')
            set -l found (command ringkeeper "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
            string match -q -- '-*' (commandline -ct); or set found (string match -rv -- '^[-/]' $found)
            test (count $found) -gt 0; and printf '%s\n' $found; or __fish_complete_path (commandline -ct)
        end
        complete -c ringkeeper -f -a '(__ringkeeper_complete)'
        """;

    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    public static string Of(string shell) => shell switch { "bash" => Bash, "zsh" => Zsh, _ => Fish };
}
