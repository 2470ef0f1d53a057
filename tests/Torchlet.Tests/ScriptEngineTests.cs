using System.Text;

namespace Torchlet.Tests;

[Collection(Lane.Scripts)]
public sealed class ScriptEngineTests(ScriptEngineTests.Probe probe) : IClassFixture<ScriptEngineTests.Probe>, IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Engines => ScriptEngine.All;

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Engines))]
    public void Arguments_arrive_and_the_exit_code_is_returned(string engine)
    {
        Assert.Equal((3, "--return|3|x y"), Run("-- --return 3 \"x y\""));
        Assert.Equal((4, "--set|4|x y"), Run("--set 4 \"x y\""));
        Assert.Equal((0, "a|b|--|c"), Run("a -- b -- c"));

        (int, string) Run(string arguments) => probe.Run(engine, arguments) switch { var o => (o.ExitCode, o.Output.Split('\n')[0]) };
    }

    [Theory, MemberData(nameof(Engines))]
    public void Loaded_files_are_found_next_to_the_file_that_names_them(string engine) =>
        Assert.Equal("42", probe.First(engine).Output.Split('\n')[1]);

    [Theory, MemberData(nameof(Engines))]
    public void The_default_imports_and_the_preview_language_are_there(string engine) =>
        Assert.Equal("b39ExpandoObject1", probe.First(engine).Output.Split('\n')[2]);

    [Theory, MemberData(nameof(Engines))]
    public void An_assembly_is_found_next_to_the_file_however_it_is_named(string engine) =>
        Assert.Equal("Gen TypeDefinition Assert", probe.First(engine).Output.Split('\n')[3]);

    [Theory, MemberData(nameof(Engines))]
    public void An_exception_shows_the_scripts_lines(string engine)
    {
        foreach (var outcome in new[] { probe.First(engine), probe.Run(engine, "throw") }) // Just compiled, and from the cache.
        {
            Assert.Equal(1, outcome.ExitCode);
            Assert.Contains("InvalidOperationException: boom", outcome.Error);
            // Our own host prints one line, with the nearest line of the scripts; dotnet-script prints the whole trace.
            Assert.Matches(engine == ScriptEngine.Csx ? @"\[\S*/thrice\.csx:3" : @"probe\.csx:line 5", outcome.Error);
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public void Errors_of_type_and_null_name_file_line_and_code(string engine)
    {
        var script = Write("wrong.csx", "WriteLine(1);\nint x = \"text\";\n#nullable enable\nstring s = null;\nWriteLine(s);");
        var outcome = Run(engine, script);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
        Assert.Contains("wrong.csx(2,9): error CS0029: ", outcome.Error);
        Assert.Contains("wrong.csx(4,12): error CS8625: ", outcome.Error);
    }

    /// <summary>
    /// Each file of a chain names the next in another way, so the edit of the last is seen only if all of them are understood. Editors write byte order
    /// marks, and the compiler asks for no space. ("# load" is not here: dotnet-script misses an edit behind it.)
    /// </summary>
    [Theory, MemberData(nameof(Engines))]
    public void An_edit_is_seen_however_the_load_directive_is_written(string engine)
    {
        var script = Write("whole.csx", "\uFEFF#load \"utf16.csx\"\nWriteLine(part);");
        File.WriteAllText(Path.Combine(folder.Path, "utf16.csx"), "#load \"plain.csx\"", Encoding.Unicode);
        Write("plain.csx", "#load \"close.csx\"");
        Write("close.csx", "#load\"space.csx\"");
        Write("space.csx", "\u00A0#load \"part.csx\"");
        foreach (var part in new[] { "1", "2" })
        {
            Write("part.csx", $"var part = {part};");
            Assert.Equal(part, Run(engine, script).Output.Trim());
        }
    }

    [Fact]
    public void A_package_is_refused_in_one_line()
    {
        var outcome = Run(ScriptEngine.Csx, Write("package.csx", "#r \"nuget: Some.Package, 1.0.0\"\nWriteLine(1);"));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("run the script with dotnet-script", Assert.Single(outcome.ErrorLines));
    }

    [Fact]
    public void An_unchanged_script_is_compiled_once_and_an_older_one_is_not_kept()
    {
        var script = Write("once.csx", "WriteLine(1);");
        Run(ScriptEngine.Csx, script);
        var compiled = Assert.Single(Compiled("once"));
        var written = File.GetLastWriteTimeUtc(compiled);
        Run(ScriptEngine.Csx, script);
        Assert.Equal(written, File.GetLastWriteTimeUtc(Assert.Single(Compiled("once"))));

        var bytes = File.ReadAllBytes(compiled);
        Write("once.csx", "WriteLine(2);");
        Assert.Equal("2", Run(ScriptEngine.Csx, script).Output.Trim());
        Assert.NotEqual(bytes, File.ReadAllBytes(Assert.Single(Compiled("once"))));
    }

    [Fact]
    public void An_assembly_written_anew_compiles_the_script_anew()
    {
        var library = WriteLibrary(folder, typeof(CsCheck.Gen));
        var script = Write("touched.csx", "#r \"lib/CsCheck.dll\"\nWriteLine(typeof(CsCheck.Gen).Name);");
        Assert.Equal("Gen", Run(ScriptEngine.Csx, script).Output.Trim());
        var written = File.GetLastWriteTimeUtc(Assert.Single(Compiled("touched")));
        File.SetLastWriteTimeUtc(library, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal("Gen", Run(ScriptEngine.Csx, script).Output.Trim());
        Assert.NotEqual(written, File.GetLastWriteTimeUtc(Assert.Single(Compiled("touched"))));
    }

    [Fact]
    public void A_damaged_cache_heals_and_a_missing_one_does_no_harm()
    {
        var script = Write("heal.csx", "WriteLine(\"whole\");");
        Run(ScriptEngine.Csx, script);
        foreach (var damage in new[] { "", "MZ, but no assembly" })
        {
            File.WriteAllText(Assert.Single(Compiled("heal")), damage);
            Assert.Equal("whole", Run(ScriptEngine.Csx, script).Output.Trim());
        }
        var compiled = Assert.Single(Compiled("heal"));
        var sound = File.ReadAllBytes(compiled);
        File.WriteAllBytes(compiled, [.. sound[..600], .. Enumerable.Repeat((byte)'X', 32), .. sound[632..]]); // A header that loads, and wrong code.
        Assert.Equal("whole", Run(ScriptEngine.Csx, script).Output.Trim());
        Assert.Equal(sound.Length, File.ReadAllBytes(compiled).Length);
        File.WriteAllText(Path.ChangeExtension(compiled, ".manifest"), "no manifest");
        Assert.Equal("whole", Run(ScriptEngine.Csx, script).Output.Trim());

        var blocked = Write("blocked", "a file where the cache folder should be");
        var outcome = ScriptEngine.Run(ScriptEngine.Csx, script, environment: ("XDG_CACHE_HOME", blocked));
        Assert.Equal((0, "whole"), (outcome.ExitCode, outcome.Output.Trim()));
        Assert.Contains("warning: the compiled script is not kept", Assert.Single(outcome.ErrorLines));
    }

    [Fact]
    public async Task Two_first_runs_at_once_both_succeed()
    {
        var script = Write("two.csx", "WriteLine(\"done\");");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => Run(ScriptEngine.Csx, script))));
        Assert.All(outcomes, o => Assert.Equal((0, "done", ""), (o.ExitCode, o.Output.Trim(), o.Error)));
    }

    [Theory, InlineData("", "usage: "), InlineData("missing.csx", "missing.csx is not there")]
    public void Without_a_script_one_line_says_what_is_wanted(string arguments, string because)
    {
        var outcome = ScriptEngine.Start("dotnet", $"\"{Path.Combine(Natives.Folder, "Csx.dll")}\" {arguments}", folder.Path);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(because, Assert.Single(outcome.ErrorLines));
    }

    Outcome Run(string engine, string script, string arguments = "", string? workingFolder = null) =>
        ScriptEngine.Run(engine, script, arguments, workingFolder ?? folder.Path);

    string Write(string name, string text) => Write(folder, name, text);

    static string Write(TemporaryFolder folder, string name, string text)
    {
        var path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    static string WriteLibrary(TemporaryFolder folder, Type of)
    {
        var path = Path.Combine(folder.Path, "lib", Path.GetFileName(of.Assembly.Location));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(of.Assembly.Location, path);
        return path;
    }

    static IEnumerable<string> Compiled(string script) =>
        Directory.EnumerateFiles(Path.Combine(ScriptEngine.CacheFolder, "torchlet", "csx"), "*.dll", SearchOption.AllDirectories)
            .Where(path => File.ReadAllText(path).Contains($"csx-{script}", StringComparison.Ordinal) || new FileInfo(path).Length < 100);

    /// <summary>A script that prints what both engines give it, and ends as it is asked to. Each engine compiles it once, for its first run.</summary>
    public sealed class Probe : IDisposable
    {
        readonly TemporaryFolder folder = new();
        readonly Dictionary<string, Outcome> first = [];
        readonly string script;

        public Probe()
        {
            Write(folder, "lib/twice.csx", "#load \"deep/thrice.csx\"\nint Twice(int x) => 2 * x;");
            Write(folder, "lib/deep/thrice.csx", "int Thrice(int x) => 3 * x;\n\nvoid Thrower() => throw new InvalidOperationException(\"boom\");");
            // Any assemblies that no engine brings along serve, one for each way to write the directive.
            foreach (var type in new[] { typeof(CsCheck.Gen), typeof(Mono.Cecil.TypeDefinition), typeof(Assert) }) WriteLibrary(folder, type);
            Write(folder, "lib/plain.csx", "#r \"CsCheck.dll\"\nstring Plain() => typeof(CsCheck.Gen).Name;");
            Write(folder, "lib/marked.csx", "\uFEFF#r \"Mono.Cecil.dll\"\nstring Marked() => typeof(Mono.Cecil.TypeDefinition).Name;");
            Write(folder, "lib/close.csx", "#r\"xunit.v3.assert.dll\"\nstring Close() => typeof(Xunit.Assert).Name;");
            script = Write(folder, "probe.csx", """
                #load "lib/twice.csx"
                #load "lib/plain.csx"
                #load "lib/marked.csx"
                #load "lib/close.csx"
                void Throw() => Thrower();
                #nullable enable
                WriteLine(string.Join("|", Args));
                WriteLine(Twice(Thrice(7)));

                var sum = new List<int> { 1, 2 }.Sum();
                var text = new StringBuilder().Append(Path.GetFileName("a/b")).Append(sum);
                Expression<Func<int, int>> square = x => x * x;
                Debug.Assert(true);
                await Task.Delay(1);
                dynamic any = new ExpandoObject();
                string? name = null; name ??= "n";
                WriteLine(text + $"{square.Compile()(3)}{any.GetType().Name}{name?.Length}");

                WriteLine($"{Plain()} {Marked()} {Close()}");
                if (Args[0] == "throw") Throw();
                if (Args[0] == "--set") Environment.ExitCode = int.Parse(Args[1]);
                if (Args[0] == "--return") return int.Parse(Args[1]);
                """);
        }

        /// <summary>The run for which the engine compiled the script, which ends by an exception.</summary>
        public Outcome First(string engine) =>
            first.TryGetValue(engine, out var outcome) ? outcome : first[engine] = Start(engine, "throw");

        /// <summary>Another run.</summary>
        public Outcome Run(string engine, string arguments)
        {
            First(engine);
            return Start(engine, arguments);
        }

        public void Dispose() => folder.Dispose();

        Outcome Start(string engine, string arguments) => ScriptEngine.Run(engine, script, arguments, Path.GetTempPath());
    }
}
