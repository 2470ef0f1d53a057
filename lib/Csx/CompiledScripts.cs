using System.Reflection;
using System.Text;

namespace Csx;

/// <summary>
/// Compiled scripts on disk, one for each script's path. An entry is an assembly and a manifest, which names the hash of that
/// assembly and every file that it was compiled from: it counts only while all of them are as the manifest says.
/// </summary>
/// <remarks>
/// The compiler says what those files are. A second reader of #load and #r would have to agree with it on byte order marks, encodings and
/// spaces, and where it did not, an old assembly would run without a word. Two runs that store at once may leave an
/// assembly and a manifest that do not belong together: the hash then says so, and the next run compiles again.
/// </remarks>
static class CompiledScripts
{
    /// <summary>The first line of a manifest: what another host, compiler or runtime made does not count.</summary>
    static readonly string Maker = $"{Metadata("SdkVersion")} {Environment.Version} {typeof(CompiledScripts).Module.ModuleVersionId}";

    /// <summary>The folder of a script's entry: in the user's cache folder, then torchlet/csx.</summary>
    public static string FolderOf(string script) =>
        Path.Combine(CacheHome(), "torchlet", "csx", ScriptInput.Hash(Encoding.UTF8.GetBytes(script))[..16]);

    /// <summary>
    /// The compiled script in <paramref name="folder"/>; null if there is none, if it is damaged, or if a file that it was
    /// compiled from has changed.
    /// </summary>
    public static CompiledScript? Find(string folder)
    {
        try
        {
            if (!File.Exists(ManifestIn(folder))) return null;
            if (File.ReadAllLines(ManifestIn(folder)) is not [var maker, var hash, .. var lines] || maker != Maker) return null;
            var inputs = lines.Select(ScriptInput.Parse).OfType<ScriptInput>().ToList();
            if (inputs.Count != lines.Length || !inputs.All(input => input.IsUnchanged())) return null;
            var assembly = File.ReadAllBytes(AssemblyIn(folder));
            return ScriptInput.Hash(assembly) == hash ? new(assembly, inputs) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps a compiled script, in place of what the same script was compiled to before.</summary>
    public static void Store(string folder, CompiledScript script)
    {
        Directory.CreateDirectory(folder);
        Replace(AssemblyIn(folder), script.Assembly);
        IEnumerable<string> manifest = [Maker, ScriptInput.Hash(script.Assembly), .. script.Inputs.Select(input => input.ToString())];
        Replace(ManifestIn(folder), Encoding.UTF8.GetBytes(string.Join('\n', manifest)));
    }

    static void Replace(string path, byte[] content)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        File.WriteAllBytes(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }

    static string AssemblyIn(string folder) => Path.Combine(folder, "script.dll");

    static string ManifestIn(string folder) => Path.Combine(folder, "script.manifest");

    static string CacheHome() =>
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
        : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache");

    static string? Metadata(string key) =>
        typeof(CompiledScripts).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == key)?.Value;
}
