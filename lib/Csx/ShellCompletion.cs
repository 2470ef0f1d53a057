using Torchlet;

namespace Csx;

/// <summary>Completion of run.cs's command line in bash and zsh: of scripts by the host, of their options by the scripts.</summary>
static class ShellCompletion
{
    /// <summary>The first argument of a host that a shell asks; the words typed so far follow, the last of them unfinished.</summary>
    public const string Asking = "--complete";

    /// <summary>Environment variable that tells a script the words. <c>Torchlet.Script</c> reads it.</summary>
    const string Variable = "TORCHLET_SUGGEST";

    // zsh runs it in its emulation of bash, which has no mapfile.
    const string Functions = """
        _torchlet() {
            local i=0 IFS=$'\n'
            while [[ ${COMP_WORDS[i]} != *run.cs ]]; do i=$((i + 1)); ((i < COMP_CWORD)) || return; done
            i=$((i + 1)); [[ ${COMP_WORDS[i]} == -- ]] && ((i < COMP_CWORD)) && i=$((i + 1))
            COMPREPLY=($(dotnet 'HOST' --complete "${COMP_WORDS[@]:$i:$((COMP_CWORD - i + 1))}" 2> /dev/null))
        }
        complete -o default -F _torchlet run.cs
        complete -p dotnet > /dev/null 2>&1 || complete -o default -F _torchlet dotnet
        """;

    /// <summary>Prints what a shell reads at its start.</summary>
    public static int Print(IReadOnlyList<string> arguments)
    {
        if (arguments is not ["bash" or "zsh"])
        {
            Console.Error.WriteLine("completion: name a shell, bash or zsh, and put this line into its ~/.bashrc or ~/.zshrc: "
                + $"eval \"$(dotnet '{Host}' completion bash)\"");
            return 2;
        }
        if (arguments is ["zsh"]) Console.WriteLine("autoload -U +X compinit && compinit; autoload -U +X bashcompinit && bashcompinit");
        Console.WriteLine(Functions.Replace("HOST", Host.Replace("'", "'\\''")));
        return 0;
    }

    /// <summary>Prints the names that may complete the first word; for further words gives the script to ask, which finds them in its environment.</summary>
    /// <returns>The script's path; null if there is nothing to ask.</returns>
    public static string? Script(IReadOnlyList<string> words, string root)
    {
        if (words.Count > 1)
        {
            Environment.SetEnvironmentVariable(Variable, string.Join('\n', words.Skip(1)));
            // A script elsewhere may do its work before it reads its options.
            return ScriptNames.Find(words[0], root) is { } script && script.StartsWith(Path.Combine(root, "scripts"), StringComparison.Ordinal) ? script : null;
        }
        foreach (var name in Names(words.FirstOrDefault() ?? "", root)) Console.WriteLine(name);
        return null;
    }

    /// <summary>The scripts of the project, and the host's own words, that begin so.</summary>
    internal static IEnumerable<string> Names(string word, string root) =>
        ScriptNames.All(root).Concat(["doctor", "completion", Watch.Option]).Where(name => name.StartsWith(word, StringComparison.Ordinal));

    static string Host => Path.Combine(AppContext.BaseDirectory, "Csx.dll");
}
