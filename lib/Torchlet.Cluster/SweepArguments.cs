using System.Collections.Immutable;

namespace Torchlet;

/// <summary>
/// A sweep's command line as options of its own alone: the script that comes first as --script, several --grid as one, the words after
/// <c>with</c> as --with, and what is not the sweep's as --shared.
/// </summary>
public static class SweepArguments
{
    static readonly ImmutableArray<string> Own = [.. CommandLine.Options(new SweepConfig()).Select(o => o.Name)];

    // These may stand alone: what follows them is not their value.
    static readonly string[] Flags = [Option(nameof(SweepConfig.DryRun)), Option(nameof(ScriptConfig.Plain))];

    // A grid is repeated as a rule, with is spelt as a word.
    static readonly string[] Lines = [Option(nameof(SweepConfig.Grid)), Option(nameof(SweepConfig.With))];

    /// <summary>The arguments in that form.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> args)
    {
        string[] given = [.. args];
        var named = given is [var script, ..] && !script.StartsWith('-') ? script : null;
        var (own, lines, shared) = (new List<string>(), new List<(string Option, string Line)>(), new List<string>());
        for (var i = named is null ? 0 : 1; i < given.Length; i++)
        {
            var (name, value) = given[i].Split('=', 2) is [var left, var right] ? (left, right) : (given[i], null);
            var option = name.StartsWith("--", StringComparison.Ordinal) ? name[2..] : name == "with" ? name : "";
            if (Lines.Contains(option))
            {
                if (value is not null) lines.Add((option, value));
                var first = i;
                while (value is null && i + 1 < given.Length && IsLine(given[i + 1], i == first)) lines.Add((option, given[++i]));
            }
            else if (Own.Contains(option) || name is "-h" or "-?" or "--help")
            {
                // With its value in one argument, since that may begin with a dash: --slurm "--time=10".
                own.AddRange(value is null && Own.Contains(option) && !Flags.Contains(option) && i + 1 < given.Length
                    ? CommandLine.Typed(option, given[++i]) : [given[i]]);
            }
            else shared.Add(given[i]);
        }
        return
        [
            .. named is null ? [] : CommandLine.Typed(Option(nameof(SweepConfig.Script)), named), .. own,
            .. lines.GroupBy(line => line.Option, line => line.Line).SelectMany(option => Joined(option.Key, option)),
            .. shared.Count == 0 ? [] : Joined(Option(nameof(SweepConfig.Shared)), shared),
        ];
    }

    static string[] Joined(string option, IEnumerable<string> parts) => CommandLine.Typed(option, string.Join(SweepConfig.Separator, parts));

    // What is no axis is called so where it stands in the place of one.
    static bool IsLine(string argument, bool isFirst) => !argument.StartsWith('-') && (isFirst || argument.Contains('='));

    static string Option(string property) => OptionRule.Name(typeof(SweepConfig).GetProperty(property)!);
}
