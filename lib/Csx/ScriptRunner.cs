using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;

namespace Csx;

/// <summary>Runs a compiled script in this process.</summary>
static class ScriptRunner
{
    /// <summary>
    /// Begins to load a script's libraries while another thread compiles it: natives of hundreds of megabytes take a good part of a second. A
    /// library that a script begins with (Torchlet's generated file calls <c>Torchlet.Script.Begin</c>) is begun here.
    /// </summary>
    /// <remarks>An error here is an error again, and reported, where the script uses the library.</remarks>
    /// <param name="references">The assemblies that it references.</param>
    public static void Prepare(IReadOnlyList<string> references)
    {
        Resolve([.. references]);
        _ = Task.Run(() =>
        {
            foreach (var library in references.Select(AssemblyLoadContext.Default.LoadFromAssemblyPath))
                library.GetType("Torchlet.Script")?.GetMethod("Begin")!.Invoke(null, null);
        });
    }

    /// <summary>Runs the script's top-level statements.</summary>
    /// <param name="script">Compiled; the assemblies that it references and their neighbours are loaded from where they stand.</param>
    /// <param name="args">The script's arguments.</param>
    /// <returns>What it returns, or Environment.ExitCode if it set that.</returns>
    public static async Task<int> Run(CompiledScript script, IEnumerable<string> args)
    {
        Resolve([.. script.Inputs.Where(input => !input.IsSource).Select(input => input.Path)]);
        var assembly = AssemblyLoadContext.Default.LoadFromStream(new MemoryStream(script.Assembly));
        var factory = assembly.GetType("Submission#0", throwOnError: true)!.GetMethod("<Factory>", BindingFlags.Static | BindingFlags.Public)!;
        var result = await factory.CreateDelegate<Func<object?[], Task<int>>>()([new ScriptGlobals(args), null]);
        return Environment.ExitCode != 0 ? Environment.ExitCode : result;
    }

    static void Resolve(ImmutableArray<string> references) => AssemblyLoadContext.Default.Resolving += (context, name) =>
        Find(references, $"{name.Name}.dll") is { } path ? context.LoadFromAssemblyPath(path) : null;

    static string? Find(ImmutableArray<string> references, string fileName) =>
        references.FirstOrDefault(path => Path.GetFileName(path).Equals(fileName, StringComparison.OrdinalIgnoreCase))
        ?? references.Select(path => Path.Combine(Path.GetDirectoryName(path)!, fileName)).FirstOrDefault(File.Exists);
}
