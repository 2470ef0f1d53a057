using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Torchlet;

/// <summary>
/// Loads libtorch from the one folder that the build filled, before TorchSharp looks for it by name, and finds the library's
/// other dependencies there, managed (CsvHelper, …) and native (SkiaSharp, HarfBuzz).
/// </summary>
/// <remarks>
/// Needed because a script engine runs a copy of Torchlet.dll from its own cache, far from its neighbours, and because a
/// system-wide libtorch (Debian's python3-torch) would otherwise be picked up by name. The module initializer makes it work in
/// every host; a host that wants a failure as an exception calls <see cref="Load"/>.
/// </remarks>
public static class Natives
{
    static readonly Assembly Library = typeof(Natives).Assembly;
    static readonly Lazy<TorchletException?> Failure = new(LoadTorch);

    /// <summary>The folder with the library, its dependencies and the natives: that of a published app, else <c>lib/bin</c>.</summary>
    public static string Folder { get; } = FindFolder();

    /// <summary>Loads libtorch and TorchSharp's native half, once per process.</summary>
    /// <exception cref="TorchletException">They cannot be loaded; the message says why and what to do.</exception>
    public static void Load()
    {
        if (Failure.Value is { } failure) throw failure;
    }

#pragma warning disable CA2255 // A module initializer in a library: it must run before anything can touch TorchSharp.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Initialize()
    {
        var context = AssemblyLoadContext.GetLoadContext(Library) ?? AssemblyLoadContext.Default;
        context.Resolving += (_, name) => Existing($"{name.Name}.dll") is { } path ? context.LoadFromAssemblyPath(path) : null;
        context.ResolvingUnmanagedDll += (_, name) =>
            new[] { name, FileName(name), FileName(name.StartsWith("lib", StringComparison.Ordinal) ? name[3..] : name) }
                .Select(Existing).FirstOrDefault(p => p is not null) is { } path
                ? NativeLibrary.Load(path) : 0;
        _ = Failure.Value;
    }

    /// <summary>This system's file name of a native library, such as libtorch.so, torch.dll or libtorch.dylib.</summary>
    internal static string FileName(string name) =>
        OperatingSystem.IsWindows() ? $"{name}.dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";

    /// <summary>Where a library of libtorch is.</summary>
    internal static string PathOf(string name) => Path.Combine(LibtorchFolder(), FileName(name));

    static TorchletException? LoadTorch()
    {
        try
        {
            // In the order of their dependencies, each by its path: the loader then uses these for LibTorchSharp, whatever LD_LIBRARY_PATH or the
            // system's folders contain.
            foreach (var name in new[] { "c10", "torch_cpu", "torch" })
                LoadLibrary(PathOf(name));
            LoadLibrary(Path.Combine(Folder, FileName("LibTorchSharp")));
            return null;
        }
        catch (TorchletException e)
        {
            return e;
        }
    }

    static void LoadLibrary(string path)
    {
        if (OperatingSystem.IsLinux() && File.Exists(path) && !ElfFile.IsWhole(path))
            throw new TorchletException(
                $"{path} is damaged, its end is missing: delete {Path.GetDirectoryName(path)} and build the library with `dotnet build lib/Csx`.");
        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchletException(Explain(path, e), e);
        }
    }

    static string LibtorchFolder()
    {
        if (Metadata("TorchBackend") != "none") return Folder;
        return Environment.GetEnvironmentVariable("TORCHLET_LIBTORCH") is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : throw new TorchletException(
                "TORCHLET_LIBTORCH is not set: the library was built with TorchBackend=none, so it must name the lib folder of libtorch 2.10.");
    }

    /// <summary>One sentence for a failure to load: the missing file, the missing symbol version, or the loader's own first line.</summary>
    internal static string Explain(string library, Exception failure)
    {
        const string soname = "libstdc++.so.6";
        if (!File.Exists(library))
            return $"{library} is missing: build the library with `dotnet build lib/Csx`.";
        if (OperatingSystem.IsLinux() && SymbolVersions.LoadedPath(soname) is { } system)
        {
            var defined = SymbolVersions.Defined(File.ReadAllBytes(system));
            var elf = File.ReadAllBytes(library);
            IReadOnlyList<string> Missing(byte[] bytes) => [.. SymbolVersions.Needed(bytes, soname).Where(v => !defined.Contains(v))];
            var buildHelps = Missing(SymbolVersions.Weaken(elf, soname, defined)).Count == 0;
            if (Missing(elf) is { Count: > 0 } missing)
                return $"{library} needs {string.Join(", ", missing)}, but {system} ends at {Newest(defined)}: " + (buildHelps
                    ? $"delete {Folder} and build the library on this machine."
                    : "use a system with a newer libstdc++, such as Debian 12 or Ubuntu 22.04.");
        }
        return $"{library} cannot be loaded: {failure.Message.Split('\n')[0].Trim()}";
    }

    static string Newest(IEnumerable<string> versions) =>
        versions.Where(v => v.StartsWith("GLIBCXX_", StringComparison.Ordinal) && Version.TryParse(v["GLIBCXX_".Length..], out _))
            .MaxBy(v => Version.Parse(v["GLIBCXX_".Length..])) ?? "no GLIBCXX version";

    static string? Existing(string fileName) =>
        Path.Combine(Folder, fileName) is var path && File.Exists(path) ? path : null;

    static string FindFolder()
    {
        // The last is empty in an app of a single file.
        string?[] places = [AppContext.BaseDirectory, Path.GetDirectoryName(Library.Location)];
        return places.FirstOrDefault(place => !string.IsNullOrEmpty(place) && File.Exists(Path.Combine(place, FileName("LibTorchSharp")))) ?? Metadata("Bin")!;
    }

    static string? Metadata(string key) =>
        Library.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == key)?.Value;
}
