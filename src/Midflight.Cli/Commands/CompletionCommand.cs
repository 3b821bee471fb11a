using System.CommandLine;

namespace Midflight.Cli.Commands;

/// <summary><c>completion</c>: the script with which a shell completes the command; and <c>complete</c>, which that script calls.</summary>
internal static class CompletionCommand
{
    // Each script calls the very program that is typed, so `bin/NAME` of every release answers for itself. COMMAND is its name, NAME the same as part of a function name.
    private static readonly Dictionary<string, string> s_scripts = new()
    {
        ["bash"] = """
            # eval "$(COMMAND completion bash)" in ~/.bashrc
            _NAME_complete() {
                local IFS=$'\n' program=${COMP_WORDS[0]/#\~/$HOME}
                COMPREPLY=($("$program" complete "$COMP_POINT" "$COMP_LINE" 2>/dev/null))
            }
            complete -o default -F _NAME_complete COMMAND
            """,
        ["zsh"] = """
            # eval "$(COMMAND completion zsh)" in ~/.zshrc, behind compinit
            _NAME_complete() {
                local typed="${(j: :)words[1,CURRENT]}"
                local -a found=("${(@f)$(${~words[1]} complete ${#typed} "$typed" 2>/dev/null)}")
                if (( ${#found} )) && [[ -n $found[1] ]]; then compadd -a found; else _files; fi
            }
            compdef _NAME_complete COMMAND
            """,
        ["fish"] = """
            # COMMAND completion fish | source
            function __NAME_complete
                set -l program (commandline -opc)[1]
                set -l typed (commandline -cp)
                eval $program complete (string length -- "$typed") (string escape -- "$typed") 2>/dev/null
            end
            complete -c COMMAND -a '(__NAME_complete)'
            """,
        ["pwsh"] = """
            # COMMAND completion pwsh | Out-String | Invoke-Expression, in $PROFILE
            Register-ArgumentCompleter -Native -CommandName COMMAND -ScriptBlock {
                param($word, $typed, $cursor)
                & $typed.CommandElements[0].Extent.Text complete $cursor "$typed".PadRight($cursor) 2>$null | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    /// <summary>Both commands, for a root with all of its own commands.</summary>
    public static IEnumerable<Command> Create(Command root)
    {
        var shell = new Argument<string>("SHELL") { Description = $"One of {string.Join(", ", s_scripts.Keys)}." };
        shell.AcceptOnlyFromAmong([.. s_scripts.Keys]);
        yield return Verb.Create(
            "completion", "Print the script with which a shell completes this command. Its first line says where to put it.",
            (result, _) =>
            {
                Output.Line(Script(root.Name, result.GetRequiredValue(shell)));
                return Task.FromResult(0);
            },
            shell);

        var position = new Argument<int>("POSITION") { Description = "The cursor's position, counted from the start of the line." };
        var line = new Argument<string>("LINE") { Description = "The typed line, including the command itself." };
        var complete = Verb.Create(
            "complete", "Print the possible completions at a position, for the script of `completion`.",
            (result, _) =>
            {
                foreach (var found in Find(root, result.GetRequiredValue(line), result.GetRequiredValue(position)))
                {
                    Output.Line(found);
                }

                return Task.FromResult(0);
            },
            position, line);
        complete.Hidden = true;
        yield return complete;
    }

    /// <summary>What a shell reads.</summary>
    internal static string Script(string command, string shell) => s_scripts[shell]
        .Replace("COMMAND", command, StringComparison.Ordinal)
        .Replace("NAME", string.Concat(command.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '_')), StringComparison.Ordinal);

    /// <summary>The possible completions at a position of a line, in order.</summary>
    /// <param name="root">The command that the line is for.</param>
    /// <param name="line">The line, which starts with the command, by any path.</param>
    /// <param name="position">The position of the cursor; beyond the end it is the end.</param>
    internal static IEnumerable<string> Find(Command root, string line, int position)
    {
        var typed = line[..Math.Clamp(position, 0, line.Length)].TrimStart();
        var end = typed.IndexOf(' ', StringComparison.Ordinal);

        // The shell completes the command itself.
        if (end < 0)
        {
            return [];
        }

        var normal = root.Name + typed[end..];
        // Options are offered only where one has been started, because there are so many; Windows-style ones never.
        var word = normal[(normal.LastIndexOf(' ') + 1)..];
        return root.Parse(normal).GetCompletions(normal.Length)
            .Select(item => item.InsertText ?? item.Label)
            .Where(text => text.StartsWith(word, StringComparison.Ordinal) && !text.StartsWith('/') && (word.StartsWith('-') || !text.StartsWith('-')))
            .Distinct().Order(StringComparer.Ordinal);
    }
}
