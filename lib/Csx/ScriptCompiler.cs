using System.Collections.Immutable;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Scripting;

namespace Csx;

/// <summary>Compiles a script as dotnet-script does. The only part of the host that needs Roslyn.</summary>
static class ScriptCompiler
{
    static readonly string[] Imports =
    [
        "System", "System.IO", "System.Collections.Generic", "System.Console", "System.Diagnostics", "System.Dynamic", "System.Linq",
        "System.Linq.Expressions", "System.Text", "System.Threading.Tasks",
    ];

    /// <summary>Compiles a script with all that it loads.</summary>
    /// <param name="path">The script's full path.</param>
    /// <param name="prepare">Told which files #r names, long before the compilation ends, so that the host can load them meanwhile.</param>
    /// <returns>The script, or null if there are errors; and the warnings and errors, each as one line for the person at the keyboard.</returns>
    /// <exception cref="IOException">The script cannot be read; so too an <see cref="UnauthorizedAccessException"/>.</exception>
    public static (CompiledScript? Script, IEnumerable<string> Messages) Compile(string path, Action<IReadOnlyList<string>> prepare)
    {
        var sources = new RecordingResolver(Path.GetDirectoryName(path)!);
        var compilation = Compilation(path, sources);
        if (Packages(compilation) is [_, ..] packages) return (null, packages);

        prepare([.. compilation.DirectiveReferences.OfType<PortableExecutableReference>().Select(reference => reference.FilePath).OfType<string>()]);
        using var assembly = new MemoryStream();
        var result = compilation.Emit(assembly, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded));
        var messages = result.Diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning && !d.IsSuppressed)
            .OrderByDescending(d => d.Severity).Select(Line);
        return (result.Success ? new(assembly.ToArray(), [.. sources.Read, .. References(compilation)]) : null, messages);
    }

    static string Line(Diagnostic diagnostic) => diagnostic.Id == "CS8632"
        ? $"{diagnostic} Make `#nullable enable` a line of this file, above the first that writes a type with `?`." : diagnostic.ToString();

    static Compilation Compilation(string path, RecordingResolver sources)
    {
        var options = ScriptOptions.Default
            .WithFilePath(path).WithFileEncoding(Encoding.UTF8)
            .WithLanguageVersion(LanguageVersion.Preview)
            .WithImports(Imports)
            .WithReferences(PlatformAssemblies.Where(IsFramework).Select(Metadata))
            .WithSourceResolver(sources)
            .WithMetadataResolver(ScriptMetadataResolver.Default.WithBaseDirectory(Path.GetDirectoryName(path)))
            .WithEmitDebugInformation(true);
        using var text = sources.OpenRead(path);
        var compilation = (CSharpCompilation)CSharpScript.Create<int>(text, options, typeof(ScriptGlobals)).GetCompilation();
        // On one thread, since another loads the script's libraries: threads for so little to compile cost more than they bring.
        return compilation.WithAssemblyName(AssemblyName(path)).WithOptions(compilation.Options
            .WithConcurrentBuild(false).WithOptimizationLevel(OptimizationLevel.Debug).WithSpecificDiagnosticOptions(Severities));
    }

    // A file's name may hold what no assembly's may.
    static string AssemblyName(string path) =>
        $"csx-{string.Concat(Path.GetFileNameWithoutExtension(path).Select(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '-'))}";

    static ImmutableArray<string> Packages(Compilation compilation) =>
    [
        .. from tree in compilation.SyntaxTrees
           let unit = (CompilationUnitSyntax)tree.GetRoot()
           from file in unit.GetReferenceDirectives().Select(d => d.File).Concat(unit.GetLoadDirectives().Select(d => d.File))
           where file.ValueText.StartsWith("nuget:", StringComparison.OrdinalIgnoreCase)
           let at = file.GetLocation().GetLineSpan()
           select $"{at.Path}({at.StartLinePosition.Line + 1},{at.StartLinePosition.Character + 1}): error: "
               + $"packages are not supported here ({file}); run the script with dotnet-script",
    ];

    /// <summary>The files named by #r and those that they need of their neighbours.</summary>
    static IEnumerable<ScriptInput> References(Compilation compilation) =>
        compilation.SourceModule.ReferencedAssemblySymbols
            .Select(compilation.GetMetadataReference).OfType<PortableExecutableReference>()
            .Select(reference => reference.FilePath).OfType<string>().Except(PlatformAssemblies)
            .Select(ScriptInput.Reference);

    /// <summary>Nullable warnings are errors; references built against other versions of the framework are accepted.</summary>
    static ImmutableDictionary<string, ReportDiagnostic> Severities =>
        Enumerable.Range(8600, 56).Select(id => (Id: $"CS{id}", Report: ReportDiagnostic.Error))
            .Concat(new[] { "CS1701", "CS1702", "CS1705" }.Select(id => (Id: id, Report: ReportDiagnostic.Suppress)))
            .ToImmutableDictionary(rule => rule.Id, rule => rule.Report);

    static IEnumerable<string> PlatformAssemblies =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);

    /// <summary>The declarations of an assembly, without its code, which is four fifths of it.</summary>
    static PortableExecutableReference Metadata(string assembly) =>
        AssemblyMetadata.Create(ModuleMetadata.CreateFromStream(File.OpenRead(assembly), PEStreamOptions.PrefetchMetadata)).GetReference(filePath: assembly);

    static bool IsFramework(string assembly) => assembly.StartsWith(RuntimeEnvironment.GetRuntimeDirectory(), StringComparison.Ordinal);

    /// <summary>Notes what the compiler reads, as it was then: a file edited meanwhile must not pass for compiled.</summary>
    sealed class RecordingResolver(string folder) : SourceFileResolver([], folder)
    {
        readonly Dictionary<string, ScriptInput> read = [];

        public IEnumerable<ScriptInput> Read => read.Values;

        public override Stream OpenRead(string resolvedPath)
        {
            var content = File.ReadAllBytes(resolvedPath);
            read[resolvedPath] = ScriptInput.Source(resolvedPath, content);
            return new MemoryStream(content);
        }
    }
}
