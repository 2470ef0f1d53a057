using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Help;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Torchlet;

/// <summary>
/// Reads a script's options into its config record. An option is a property of the record: its name in kebab-case (or the one that
/// Display gives), its type, its default the value that the script gave it, its meaning Display's description.
/// </summary>
public static class CommandLine
{
    sealed record ConfigOption(PropertyInfo Property, Option<string> Option, bool IsReplayed)
    {
        public string Name => Option.Name;

        /// <summary>A name that may be mistaken for the option's.</summary>
        public IEnumerable<string> Names => [Name[2..], OptionRule.Kebab(Property.Name)];
    }

    /// <summary>The script's record with the options of <paramref name="args"/> in place of its own values.</summary>
    /// <inheritdoc cref="Read{T}(IEnumerable{string}, T, string)" path="/exception"/>
    public static T Parse<T>(IEnumerable<string> args, T defaults) where T : ScriptConfig => Read(args, defaults, "script.csx").Config;

    /// <summary>
    /// The script's record with the options of <paramref name="args"/> in place of its own values; where they name a --config, its
    /// options stand in for those that are not given. And the text of --help, if they ask for that.
    /// </summary>
    /// <param name="args">The script's arguments.</param>
    /// <param name="defaults">The script's options with their defaults.</param>
    /// <param name="script">The script's path.</param>
    /// <exception cref="CommandLineException">
    /// An option is unknown, lacks its value, is given twice, has a value out of its type or range, or has no effect with another one.
    /// </exception>
    /// <exception cref="TorchletException">So is one of the --config, or it is another script's, or none.</exception>
    public static (T Config, string? Help) Read<T>(IEnumerable<string> args, T defaults, string script) where T : ScriptConfig
    {
        // A sweep reads thousands of command lines for the same defaults, and making the options takes most of the time.
        var (options, positional, command) = Commands.GetValue(defaults, plain => Command(plain, OptionsOf(plain)));
        var result = command.Parse([.. args], Configuration);
        if (result.Action is HelpAction) return (defaults, Help(options, positional, defaults, script));
        if (Error(result, options) is { } error) throw new CommandLineException(error);

        var given = Set(defaults, [.. from option in options
                                      where result.GetResult(option.Option) is { Implicit: false }
                                      select (option.Property, Value(option, result.GetValue(option.Option) ?? "true")), .. Positional(result, positional)]);
        var whole = given is RunConfig { Config: { } config } ? Replay(given, config, result, options, Path.GetFileNameWithoutExtension(script)) : given;
        return OptionRule.Conflict(whole) is { } conflict ? throw new CommandLineException(conflict) : (whole, null);
    }

    /// <summary>Every option of a config with its value as it would be typed, in the order of --help; null for one left to its default.</summary>
    public static IEnumerable<(string Name, string? Value)> Options(ScriptConfig config) =>
        PropertiesOf(config).Select(p => (p.Name, OptionRule.Show(p.Property.GetValue(config))));

    /// <summary>The arguments that give an option a value: one, so that the value may begin with a dash, but two for the empty text.</summary>
    internal static string[] Typed(string name, string value) => value.Length == 0 ? [$"--{name}", value] : [$"--{name}={value}"];

    /// <summary>
    /// The options that a run's numbers depend on and that differ from what its record gives of itself, as they would be typed. A
    /// script's own defaults may change between two runs, the record's tell them apart.
    /// </summary>
    public static string Differing(ScriptConfig config)
    {
        // A record that cannot be made without values gives none of itself, so that all of its options differ.
        var plain = OptionRule.Plain(config);
        return string.Join(' ', from option in PropertiesOf(config)
                                where option.IsReplayed
                                let value = OptionRule.Show(option.Property.GetValue(config))
                                where value is not null && (plain is null || value != OptionRule.Show(option.Property.GetValue(plain)))
                                select $"--{option.Name} {ShellWord.Of(value)}");
    }

    /// <summary>The names of the options that belong to one call and not to what it computes.</summary>
    internal static IEnumerable<string> NotReplayed(ScriptConfig config) => PropertiesOf(config).Where(p => !p.IsReplayed).Select(p => p.Name);

    /// <summary>The files that the options say are to be written, each with its option's name.</summary>
    internal static IEnumerable<(string Option, string File)> FilesToWrite(ScriptConfig config) => Places<WrittenFileAttribute>(config);

    /// <summary>The files and folders that the options say are to be read, each with its option's name; also names of data sets and the like.</summary>
    internal static IEnumerable<(string Option, string File)> PlacesToRead(ScriptConfig config) => Places<ReadPlaceAttribute>(config);

    static IEnumerable<(string Option, string File)> Places<T>(ScriptConfig config) where T : Attribute =>
        from option in PropertiesOf(config)
        where option.Property.GetCustomAttribute<T>() is not null && option.Property.GetValue(config) is string
        select ($"--{option.Name}", (string)option.Property.GetValue(config)!);

    sealed record KnownProperty(PropertyInfo Property, string Name, bool IsReplayed);

    sealed record KnownCommand(ImmutableArray<ConfigOption> Options, PropertyInfo? Positional, Command Command);

    static readonly ConcurrentDictionary<Type, ImmutableArray<KnownProperty>> Properties = [];

    static readonly ConditionalWeakTable<ScriptConfig, KnownCommand> Commands = [];

    static readonly ParserConfiguration Configuration = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    static KnownCommand Command(ScriptConfig defaults, ImmutableArray<ConfigOption> options)
    {
        // The text of --help is OptionHelp's: no name or description is shown.
        var command = new Command("script") { new HelpOption("--help", "-h", "-?") };
        foreach (var option in options) command.Add(option.Option);
        var positional = defaults.GetType().GetProperties().SingleOrDefault(p => p.GetCustomAttribute<PositionalAttribute>() is not null);
        if (positional?.GetCustomAttribute<DisplayAttribute>() is { } display)
            command.Add(new Argument<string[]>(display.Name!) { Arity = ArgumentArity.ZeroOrMore });
        return new(options, positional, command);
    }

    static string? DescriptionOf(string script, ScriptConfig defaults) =>
        FirstComment(script) ?? defaults.GetType().GetCustomAttribute<DescriptionAttribute>()?.Description;

    /// <summary>The comment that a script begins with, up to an indented line: what the script does. Null if there is none.</summary>
    static string? FirstComment(string script)
    {
        if (Path.GetExtension(script) != ".csx" || !File.Exists(script)) return null;
        const string mark = "// ";
        var lines = RegularFile.Lines(script).SkipWhile(line => line.StartsWith("#!", StringComparison.Ordinal) || line.Length == 0)
            .TakeWhile(line => line.StartsWith(mark, StringComparison.Ordinal) && !line.StartsWith(mark + " ", StringComparison.Ordinal))
            .Select(line => line[mark.Length..].Trim());
        return string.Join(' ', lines) is { Length: > 0 } comment ? comment : null;
    }

    static IEnumerable<(PropertyInfo, object)> Positional(ParseResult result, PropertyInfo? property) =>
        property is null ? [] : [(property, Positional(result).ToImmutableArray())];

    static IEnumerable<string> Positional(ParseResult result) => result.CommandResult.Tokens.Select(t => t.Value);

    static ImmutableArray<ConfigOption> OptionsOf(ScriptConfig defaults) =>
        [.. from known in PropertiesOf(defaults)
            let display = known.Property.GetCustomAttribute<DisplayAttribute>()
            select new ConfigOption(known.Property, Option(known.Property, display, OptionRule.Show(known.Property.GetValue(defaults))), known.IsReplayed)];

    /// <summary>
    /// The properties that are options: first those of a script's own record, then those of the library from the base record on; the options of all
    /// scripts come last.
    /// </summary>
    static ImmutableArray<KnownProperty> PropertiesOf(ScriptConfig config) => Properties.GetOrAdd(config.GetType(), type =>
        [.. from property in type.GetProperties()
            where OptionRule.IsOption(property)
            let owner = property.DeclaringType!
            orderby owner.Assembly == typeof(ScriptConfig).Assembly, owner == typeof(ScriptConfig), owner == typeof(RunConfig),
                property.GetCustomAttribute<DisplayAttribute>()?.GetOrder() ?? 0, Depth(owner), property.MetadataToken
            select new KnownProperty(property, OptionRule.Name(property), property.GetCustomAttribute<NotReplayedAttribute>() is null)]);

    static int Depth(Type type) => type.BaseType is { } parent ? Depth(parent) + 1 : 0;

    static Option<string> Option(PropertyInfo property, DisplayAttribute? display, string? byDefault)
    {
        const int longest = 24; // More names than this are listed in the description.
        var names = property.GetCustomAttribute<AllowedValuesAttribute>()?.Values ?? [];
        var (joined, list) = (string.Join('|', names), OptionRule.ItemType(property.PropertyType) is null ? "" : ",…");
        return new($"--{OptionRule.Name(property)}")
        {
            Description = $"{display?.Description}{(joined.Length > longest ? $": {string.Join(", ", names)}" : "")}"
                + (OptionRule.Companions(property) is { } others ? $"; with {others} only" : "")
                + (byDefault is null or "" ? "" : $" [default: {byDefault}]"),
            HelpName = display?.Prompt ?? (names.Length == 0 ? OptionRule.TypeName(property.PropertyType) : (joined.Length > longest ? "name" : joined) + list),
            Arity = (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(bool)
                ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
        };
    }

    static string Help(ImmutableArray<ConfigOption> options, PropertyInfo? positional, ScriptConfig defaults, string script)
    {
        var arguments = positional?.GetCustomAttribute<DisplayAttribute>() is { Name: { } name, Description: { } meaning }
            ? new OptionHelp.Line(OptionGroup.None, $"<{name}>", meaning) : (OptionHelp.Line?)null;
        var shown = defaults.GetType().GetCustomAttribute<ExampleAttribute>();
        var text = OptionHelp.Text(
            DescriptionOf(script, defaults),
            $"{ShellWord.Of(Path.GetFileName(script))} {shown?.Usage ?? $"{(arguments is { } first ? $"[{first.Usage}...] " : "")}[options]"}",
            [
                .. arguments is { } line ? (OptionHelp.Line[])[line] : [],
                // The options of all scripts come first in their groups: --data before --side and --limit.
                .. from o in options.OrderByDescending(o => o.Property.DeclaringType == typeof(RunConfig))
                   let heading = o.Property.GetCustomAttribute<DisplayAttribute>()?.GroupName ?? OptionGroup.None
                   select new OptionHelp.Line(heading, $"{o.Name} <{o.Option.HelpName}>", o.Option.Description ?? ""),
            ]);
        if (Path.GetExtension(script) != ".csx") return text; // A program's own, which is run in more ways than one.
        var host = Notice.Shown(Path.Combine(ProjectFolders.Root, "run.cs"));
        var example = shown is { } given ? $"\\\n    {given.Options}" : "";
        return $"""
            {text}

            Example:
              dotnet run {ShellWord.Of(host)} -- {ShellWord.Of(Notice.Shown(script))} {example}
            """.TrimEnd();
    }

    static string? Error(ParseResult result, IReadOnlyList<ConfigOption> options) =>
        result.UnmatchedTokens.Concat(Positional(result).Where(t => t.StartsWith('-'))).FirstOrDefault() is { } token ? Unknown(token, options)
        : options.FirstOrDefault(o => result.GetResult(o.Option) is { IdentifierTokenCount: > 1 }) is { } twice ? $"{twice.Name} is given twice; give it once."
        : result.Errors is [var error, ..] ? $"{error.Message.TrimEnd('.')}; --help lists the options."
        : null;

    static string Unknown(string token, IReadOnlyList<ConfigOption> options) => token.StartsWith('-') && token.Split('=')[0] is var name
        ? $"Unrecognized option '{Printable.Of(name)}'{(Nearest(name.TrimStart('-'), options) is { } near ? $"; did you mean {near.Name}?" : ";")}"
            + " --help lists the options."
        : $"Unrecognized argument '{Printable.Of(token)}'; --help lists the options.";

    static ConfigOption? Nearest(string name, IReadOnlyList<ConfigOption> options) =>
        NearestMatch.Of(name, options.SelectMany(o => o.Names)) is { } near ? options.First(o => o.Names.Contains(near)) : null;

    /// <summary>Completions of the last word of a command line: options, or values of the option before it.</summary>
    internal static IEnumerable<string> Suggestions(IEnumerable<string> typed, ScriptConfig defaults)
    {
        string[] words = [.. typed.Where((word, i) => word != "=" || i == 0)]; // A shell may part --lr=1 at its =.
        if (typed.LastOrDefault() == "=") words = [.. words, ""];
        var (before, word) = (words.ElementAtOrDefault(words.Length - 2), words.LastOrDefault() ?? "");
        var options = PropertiesOf(defaults);
        var at = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=') + 1 : 0;
        var (head, value) = (word[..at], word[at..]);
        var option = options.FirstOrDefault(o => $"--{o.Name}" == (head.Length > 0 ? head[..^1] : before));
        if (option is null) return options.Select(o => $"--{o.Name}").Append("--help").Where(name => name.StartsWith(word, StringComparison.Ordinal));
        if (OptionRule.ItemType(option.Property.PropertyType) is not null) head += value[..(value.LastIndexOf(',') + 1)];
        var names = option.Property.GetCustomAttribute<AllowedValuesAttribute>()?.Values.OfType<string>()
            ?? (option.Property.PropertyType == typeof(bool) || option.Property.PropertyType == typeof(bool?) ? ["true", "false"] : []);
        return names.Select(name => head + name).Where(name => name.StartsWith(word, StringComparison.Ordinal));
    }

    /// <summary>The record with the saved options in place of those that the command line does not give.</summary>
    static T Replay<T>(T given, string config, ParseResult result, IReadOnlyList<ConfigOption> options, string script) where T : ScriptConfig
    {
        var file = ConfigFile(config, script);
        return Set(given, from saved in RunRecord.Read(file, script).Options
                          let option = Known(saved.Name)
                          where saved.Value is not null && option.IsReplayed && result.GetResult(option.Option) is not { Implicit: false }
                          select (option.Property, Saved(option, saved.Value)));

        ConfigOption Known(string name) => options.FirstOrDefault(o => o.Name[2..] == name)
            ?? throw new TorchletException(
                $"{file}: {script} has no option '{Printable.Of(name)}'{(Nearest(name, options) is { } near ? $"; did you mean {near.Name[2..]}?" : ".")}");

        object Saved(ConfigOption option, string text)
        {
            try
            {
                return OptionValue.Parse(option.Property, text);
            }
            catch (FormatException e)
            {
                throw new TorchletException($"{file}: {option.Name[2..]} {Printable.Of(text)}: {e.Message}", e);
            }
        }
    }

    static string ConfigFile(string place, string script)
    {
        var file = RunPlaces.Find(place, script) is { } folder ? Path.Combine(folder, RunRecord.FileName) : place;
        return File.Exists(file) ? file
            : throw new TorchletException(
                $"--config {place}: {(file == place ? "no such file" : $"the folder holds no {RunRecord.FileName}")};"
                + $" name a run's folder, its {RunRecord.FileName}, or latest.");
    }

    static T Set<T>(T record, IEnumerable<(PropertyInfo Property, object Value)> values) where T : ScriptConfig
    {
        var changed = (T)record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;
        foreach (var (property, value) in values) property.SetValue(changed, value);
        return changed;
    }

    static object Value(ConfigOption option, string text)
    {
        try
        {
            return OptionValue.Parse(option.Property, text);
        }
        catch (FormatException e)
        {
            throw new CommandLineException($"{option.Name} {ShellWord.Of(Printable.Of(text))}: {e.Message}");
        }
    }
}

/// <summary>The command line is wrong; the process ends with exit code 2.</summary>
public sealed class CommandLineException(string message) : TorchletException(message)
{
    /// <inheritdoc/>
    public override int ExitCode => 2;
}

/// <summary>Words as a shell of the POSIX kind reads them back.</summary>
static class ShellWord
{
    /// <summary>The word as it is, or in quotes where it holds more than letters, digits and what no shell minds.</summary>
    public static string Of(string word) =>
        word.Length > 0 && word[0] is not '=' && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:,=+@%".Contains(c)) ? word : Quoted(word);

    /// <summary>The word in quotes.</summary>
    public static string Quoted(string word) => $"'{word.Replace("'", "'\\''")}'";
}
