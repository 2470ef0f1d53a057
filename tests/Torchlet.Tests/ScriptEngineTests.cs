using System.Text;

namespace Torchlet.Tests;

[Collection(Lane.Scripts)]
public sealed class ScriptEngineTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Engines => ScriptEngine.All;

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Engines))]
    public void Arguments_arrive_with_and_without_the_dashes(string engine)
    {
        var script = Write("args.csx", """WriteLine(string.Join("|", Args));""");
        Assert.Equal("--epochs|3|x y", Run(engine, script, "-- --epochs 3 \"x y\"").Output.Trim());
        Assert.Equal("--epochs|3|x y", Run(engine, script, "--epochs 3 \"x y\"").Output.Trim());
        Assert.Equal("a|b|--|c", Run(engine, script, "a -- b -- c").Output.Trim());
    }

    [Theory, MemberData(nameof(Engines))]
    public void Loaded_files_are_found_beside_the_file_that_names_them(string engine)
    {
        Write("lib/twice.csx", "#load \"deep/thrice.csx\"\nint Twice(int x) => 2 * x;");
        Write("lib/deep/thrice.csx", "int Thrice(int x) => 3 * x;");
        var script = Write("main.csx", "#load \"lib/twice.csx\"\nWriteLine(Twice(Thrice(7)));");
        Assert.Equal("42", Run(engine, script, workingFolder: Path.GetTempPath()).Output.Trim());
    }

    [Theory, MemberData(nameof(Engines))]
    public void The_default_imports_and_the_preview_language_are_there(string engine)
    {
        var script = Write("imports.csx", """
            var sum = new List<int> { 1, 2 }.Sum();
            var text = new StringBuilder().Append(Path.GetFileName("a/b")).Append(sum);
            Expression<Func<int, int>> square = x => x * x;
            Debug.Assert(true);
            await Task.Delay(1);
            dynamic any = new ExpandoObject();
            string? name = null; name ??= "n";
            WriteLine(text + $"{square.Compile()(3)}{any.GetType().Name}{name?.Length}");
            """.Insert(0, "#nullable enable\n"));
        Assert.Equal("b39ExpandoObject1", Run(engine, script).Output.Trim());
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_compile_error_names_file_line_and_code(string engine)
    {
        var script = Write("wrong.csx", "WriteLine(1);\nint x = \"text\";");
        var outcome = Run(engine, script);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
        Assert.Contains("wrong.csx(2,9): error CS0029: ", outcome.Error);
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_nullable_warning_is_an_error(string engine)
    {
        var outcome = Run(engine, Write("null.csx", "#nullable enable\nstring s = null;\nWriteLine(s);"));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("null.csx(2,12): error CS8625: ", outcome.Error);
    }

    [Theory, MemberData(nameof(Engines))]
    public void An_exception_shows_the_scripts_lines(string engine)
    {
        Write("thrower.csx", "\nvoid Thrower() => throw new InvalidOperationException(\"boom\");");
        var script = Write("throws.csx", "#load \"thrower.csx\"\n\nThrower();");
        foreach (var outcome in new[] { Run(engine, script), Run(engine, script) })
        {
            Assert.Equal(1, outcome.ExitCode);
            Assert.Contains("InvalidOperationException: boom", outcome.Error);
            // Our own host prints one line, with the nearest line of the scripts; dotnet-script prints the whole trace.
            Assert.Contains(engine == ScriptEngine.Csx ? "[thrower.csx:2" : "throws.csx:line 3", outcome.Error);
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public void What_the_script_returns_is_the_exit_code(string engine)
    {
        Assert.Equal(3, Run(engine, Write("three.csx", "return 3;")).ExitCode);
        Assert.Equal(4, Run(engine, Write("four.csx", "Environment.ExitCode = 4;")).ExitCode);
        Assert.Equal(0, Run(engine, Write("none.csx", "WriteLine();")).ExitCode);
    }

    [Theory, MemberData(nameof(Engines))]
    public void An_edit_of_a_loaded_file_is_seen(string engine)
    {
        Write("part.csx", "var part = 1;");
        var script = Write("whole.csx", "#load \"part.csx\"\nWriteLine(part);");
        Assert.Equal("1", Run(engine, script).Output.Trim());
        Write("part.csx", "var part = 2;");
        Assert.Equal("2", Run(engine, script).Output.Trim());
    }

    // Editors write byte order marks, and the compiler asks for no space. ("# load" is not here: dotnet-script misses an edit behind it.)
    public static TheoryData<string, string, bool> Spellings()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var engine in new[] { ScriptEngine.Csx, ScriptEngine.DotnetScript })
        {
            data.Add(engine, "\uFEFF#load \"part.csx\"", false);
            data.Add(engine, "\uFEFF#load \"part.csx\"", true);
            data.Add(engine, "#load\"part.csx\"", false);
            data.Add(engine, "\u00A0#load \"part.csx\"", false);
        }
        return data;
    }

    [Theory, MemberData(nameof(Spellings))]
    public void However_a_directive_is_written_an_edit_of_its_file_is_seen(string engine, string directive, bool utf16)
    {
        var script = Write("whole.csx", "");
        File.WriteAllBytes(script, (utf16 ? Encoding.Unicode : Encoding.UTF8).GetBytes(directive + "\nWriteLine(part);"));
        foreach (var part in new[] { "1", "2" })
        {
            Write("part.csx", $"var part = {part};");
            Assert.Equal(part, Run(engine, script).Output.Trim());
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public void An_assembly_is_found_beside_the_file_that_names_it_however_that_is_written(string engine)
    {
        WriteLibrary("lib/CsCheck.dll");
        foreach (var directive in new[] { "#r \"CsCheck.dll\"", "\uFEFF#r \"CsCheck.dll\"", "#r\"CsCheck.dll\"" })
        {
            Write("lib/names.csx", directive + "\nstring Name() => typeof(CsCheck.Gen).Name;");
            var script = Write("main.csx", "#load \"lib/names.csx\"\nWriteLine(Name());");
            Assert.Equal("Gen", Run(engine, script, workingFolder: Path.GetTempPath()).Output.Trim());
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
        var library = WriteLibrary("lib/CsCheck.dll");
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

    string Write(string name, string text)
    {
        var path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    // Any assembly that no engine brings along serves: CsCheck is available.
    string WriteLibrary(string name)
    {
        var path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(typeof(CsCheck.Gen).Assembly.Location, path);
        return path;
    }

    static IEnumerable<string> Compiled(string script) =>
        Directory.EnumerateFiles(Path.Combine(ScriptEngine.CacheFolder, "torchlet", "csx"), "*.dll", SearchOption.AllDirectories)
            .Where(path => File.ReadAllText(path).Contains($"csx-{script}", StringComparison.Ordinal) || new FileInfo(path).Length < 100);
}
