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
public static partial class Natives
{
    static readonly Assembly Library = typeof(Natives).Assembly;
    static readonly Lazy<TorchletException?> Failure = new(LoadTorch);

    /// <summary>The folder with the library, its dependencies and the natives: <c>lib/bin</c>.</summary>
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

    static TorchletException? LoadTorch()
    {
        try
        {
            var libtorch = LibtorchFolder();
            if (OperatingSystem.IsLinux())
            {
                SpinBriefly();
                BeginLargeBlocksWithPages();
                KeepFreedMemory();
            }
            // In the order of their needs, each by its path: the loader then takes these for what LibTorchSharp needs, whatever
            // LD_LIBRARY_PATH or the system's folders hold.
            foreach (var name in new[] { "c10", "torch_cpu", "torch" })
                LoadLibrary(Path.Combine(libtorch, FileName(name)));
            LoadLibrary(Path.Combine(Folder, FileName("LibTorchSharp")));
            if (OperatingSystem.IsLinux()) EndAtOnce();
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
                $"{path} is damaged, its end is missing: delete {Path.GetDirectoryName(path)} and build the library with `dotnet build lib/Torchlet`.");
        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchletException(Explain(path, e), e);
        }
    }

    /// <summary>Keeps libtorch's idle threads from holding a core that another process needs.</summary>
    /// <remarks>
    /// Left alone, libgomp's threads spin for milliseconds at the end of each parallel loop. Two trainings at once on two cores
    /// then took 17 s an epoch. The shorter they spin, the better for two at once; but a thread that sleeps must be woken for the next
    /// loop, which a busy virtual machine takes long for. On one, an epoch alone and an epoch of two at once took 0.46 and 0.83 s with a
    /// count of 1,000, 0.29 and 1.28 s with 3,000, 0.28 and 2.9 s with 10,000; on a quiet one 0.15 s alone with 1,000 and left alone.
    /// libgomp reads the variable when it is loaded.
    /// </remarks>
    static void SpinBriefly()
    {
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            _ = setenv("GOMP_SPINCOUNT", "3000", overwrite: 0);
    }

    /// <summary>Has libtorch begin blocks of 2 MB and more with a page, as it does for huge pages, but without these.</summary>
    /// <remarks>
    /// Where blocks begin anywhere, glibc gives what is left over at their ends to small ones, and a large one no longer fits where another was freed:
    /// peaks swung and were higher, 371 to 396 MB where a network of 1,000 units takes 299 to 317 so, 650 to 706 where 4,000 take 557 to 569.
    /// Huge pages themselves were no faster, and at times held a start up for 0.1 s, while the system made room for them. libtorch reads the
    /// variable with the first block; a kernel that has no such pages would make it warn.
    /// </remarks>
    static void BeginLargeBlocksWithPages()
    {
        const string variable = "THP_MEM_ALLOC_ENABLE";
        if (Environment.GetEnvironmentVariable(variable) is not null || !Directory.Exists("/sys/kernel/mm/transparent_hugepage")) return;
        const int withoutHugePages = 41; // PR_SET_THP_DISABLE, as prctl.h numbers it.
        _ = setenv(variable, "1", overwrite: 0);
        _ = prctl(withoutHugePages, 1, 0, 0, 0);
    }

    /// <summary>Keeps the memory of one batch for the next, where glibc would give it back to the system and ask for it again.</summary>
    /// <remarks>
    /// The system clears what it gives, page by page: up to 20,000 page faults to classify 60,000 images in batches of 100, and 0.10 s
    /// instead of 0.07. The thresholds must be set together: glibc adapts neither once one is set, and starts with small ones.
    /// </remarks>
    static void KeepFreedMemory()
    {
        const int trimThreshold = -1, mmapThreshold = -3; // As malloc.h numbers them.
        const int largest = 32 << 20; // That mmapThreshold may be.
        _ = mallopt(mmapThreshold, largest);
        _ = mallopt(trimThreshold, 2 * largest);
    }

    /// <summary>Leaves libtorch's memory to the system when the process ends.</summary>
    /// <remarks>
    /// libtorch's destructors take it apart piece by piece: 75 ms, a quarter of the shortest script. What is registered here is done before
    /// what libtorch registered while it was loaded, and after what others register later. What was registered before, by a host that has its own
    /// way to end, is left out with libtorch's. fcloseall writes what C still holds for its files.
    /// </remarks>
    static void EndAtOnce()
    {
        foreach (var name in new[] { "_exit", "fcloseall" }) // The last comes first.
            _ = on_exit(NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), name), 0);
    }

    // The function is given the exit status, and the argument.
    [LibraryImport("libc")]
    private static partial int on_exit(nint function, nint argument);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc")]
    private static partial int mallopt(int option, int value);

    // .NET's own SetEnvironmentVariable does not reach native code.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

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
            return $"{library} is missing: build the library with `dotnet build lib/Torchlet`.";
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
        var here = Path.GetDirectoryName(Library.Location);
        return !string.IsNullOrEmpty(here) && File.Exists(Path.Combine(here, FileName("LibTorchSharp"))) ? here : Metadata("Bin")!;
    }

    static string? Metadata(string key) =>
        Library.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == key)?.Value;
}
