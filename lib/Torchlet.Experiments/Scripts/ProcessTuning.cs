using System.Runtime.InteropServices;

namespace Torchlet;

/// <summary>
/// Settings of the C library and of libtorch that suit a short script with a process of its own. A library must not make them for its host, so
/// only <see cref="Script.Begin"/> does. Measured in docs/speed.md. Linux alone.
/// </summary>
static partial class ProcessTuning
{
    static bool registered; // A script is begun while it is compiled, and again when it runs.

    /// <summary>Makes the settings that libtorch and its OpenMP read while they are loaded.</summary>
    public static void BeforeLoading()
    {
        if (!OperatingSystem.IsLinux()) return;
        SpinBriefly();
        AlignLargeBlocksToPages();
        KeepFreedMemory();
    }

    /// <summary>Ends the process without libtorch's destructors, which take its memory apart piece by piece: 75 ms, a quarter of the shortest script.</summary>
    /// <remarks>
    /// Call it once libtorch is loaded: exit handlers run in reverse order, so this one comes before libtorch's and after those that are
    /// registered later. fcloseall writes what C's files still hold.
    /// </remarks>
    public static void AfterLoading()
    {
        if (!OperatingSystem.IsLinux() || Interlocked.Exchange(ref registered, true)) return;
        foreach (var name in new[] { "_exit", "fcloseall" }) // The last one runs first.
            _ = on_exit(NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), name), 0);
    }

    /// <summary>Keeps libtorch's idle threads from holding a core that another process needs.</summary>
    /// <remarks>
    /// By default libgomp's threads spin for milliseconds at the end of each parallel loop, and two trainings on two cores then take a hundred
    /// times as long. A thread that sleeps must be woken for the next loop, so a short spin is best.
    /// </remarks>
    static void SpinBriefly()
    {
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            _ = setenv("GOMP_SPINCOUNT", "3000", overwrite: 0);
    }

    /// <summary>Makes libtorch align blocks of 2 MB and more to pages, as it does for huge pages, but without huge pages.</summary>
    /// <remarks>
    /// Otherwise glibc gives the rest of a large block to small ones, and the next large block does not fit there again. Huge pages themselves
    /// were no faster, and sometimes delayed a start by 0.1 s. A kernel without huge pages would make libtorch warn.
    /// </remarks>
    static void AlignLargeBlocksToPages()
    {
        const string variable = "THP_MEM_ALLOC_ENABLE";
        if (Environment.GetEnvironmentVariable(variable) is not null || !Directory.Exists("/sys/kernel/mm/transparent_hugepage")) return;
        const int disableHugePages = 41; // PR_SET_THP_DISABLE of prctl.h.
        _ = setenv(variable, "1", overwrite: 0);
        _ = prctl(disableHugePages, 1, 0, 0, 0);
    }

    /// <summary>Keeps the memory of one batch for the next, where glibc would return it to the system and ask for it again.</summary>
    /// <remarks>Both thresholds must be set: glibc adapts neither of them once one is set, and starts with small ones.</remarks>
    static void KeepFreedMemory()
    {
        const int trimThreshold = -1, mmapThreshold = -3; // Numbers of malloc.h.
        const int largest = 32 << 20; // The most that mmapThreshold may be.
        _ = mallopt(mmapThreshold, largest);
        _ = mallopt(trimThreshold, 2 * largest);
    }

    // The function gets the exit status and the argument.
    [LibraryImport("libc")]
    private static partial int on_exit(nint function, nint argument);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc")]
    private static partial int mallopt(int option, int value);

    // .NET's own SetEnvironmentVariable does not reach native code.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
