using System.Collections.Immutable;

namespace Torchlet;

/// <summary>Groups of options in --help: values of Display's GroupName. Options without a group, such as a script's own, come first.</summary>
static class OptionGroup
{
    public const string Data = "Data", Model = "Model", Optimizer = "Optimizer", Training = "Training", Run = "Run", Output = "Output";

    /// <summary>The group of options without one.</summary>
    public const string None = "Options";

    /// <summary>The groups in their order.</summary>
    public static ImmutableArray<string> All { get; } = [None, Data, Model, Optimizer, Training, Run, Output];
}

/// <summary>The text of --help, at most 80 columns wide.</summary>
static class OptionHelp
{
    const int Width = 80, Indent = 2, Gap = 2;

    /// <summary>One line of --help: an option and its meaning.</summary>
    /// <param name="Group">One of <see cref="OptionGroup"/>.</param>
    /// <param name="Usage">As it is typed: <c>--epochs &lt;integer&gt;</c>.</param>
    /// <param name="Meaning">What it does, its values and its default.</param>
    public readonly record struct Line(string Group, string Usage, string Meaning);

    /// <summary>The description, the usage and the options by group.</summary>
    public static string Text(string? description, string usage, IEnumerable<Line> lines)
    {
        var grouped = lines.Append(new(OptionGroup.Output, "-?, -h, --help", "show this help")).ToLookup(line => line.Group);
        var left = grouped.SelectMany(group => group).Max(line => line.Usage.Length);
        var groups = from name in OptionGroup.All
                     where grouped[name].Any()
                     select $"{name}:\n{string.Join('\n', grouped[name].Select(line => Row(line, left)))}";
        return string.Join("\n\n", [.. description is null ? (string[])[] : [string.Join('\n', Wrapped(description, Width))], $"Usage:\n  {usage}", .. groups]);
    }

    static string Row(Line line, int left)
    {
        var meaning = Wrapped(line.Meaning, Width - Indent - left - Gap);
        var blank = new string(' ', Indent + left + Gap);
        return $"{"",Indent}{line.Usage.PadRight(left + Gap)}{string.Join($"\n{blank}", meaning)}";
    }

    /// <summary>The words in lines of at most so many characters. A longer word, such as a list of names, is broken after commas.</summary>
    static IEnumerable<string> Wrapped(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var rest = word;
            if (line.Length > 0 && line.Length + 1 + rest.Length > width)
            {
                yield return line;
                line = "";
            }
            for (; rest.Length > width; rest = rest[Cut(rest, width)..]) yield return rest[..Cut(rest, width)];
            line = line.Length == 0 ? rest : $"{line} {rest}";
        }
        yield return line;
    }

    static int Cut(string word, int width) => word.LastIndexOf(',', width - 1) is >= 0 and var comma ? comma + 1 : width;
}
