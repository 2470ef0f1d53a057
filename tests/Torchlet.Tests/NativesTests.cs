using TorchSharp;

namespace Torchlet.Tests;

[Collection(Lane.Scripts)]
public sealed class NativesTests(NativesTests.Probe probe) : IClassFixture<NativesTests.Probe>
{
    const string Soname = "libstdc++.so.6", Newest = "GLIBCXX_3.4.32";

    public static TheoryData<string> Engines => ScriptEngine.All;

    static string Packages => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } folder ? folder
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    static byte[] Packaged => File.ReadAllBytes(Path.Combine(Packages, "torchsharp", "0.107.0", "runtimes", "linux-x64", "native", "libLibTorchSharp.so"));

    static byte[] Built => File.ReadAllBytes(Path.Combine(Natives.Folder, "libLibTorchSharp.so"));

    static IReadOnlySet<string> OnThisSystem => SymbolVersions.Defined(File.ReadAllBytes(SymbolVersions.LoadedPath(Soname)!));

    [Theory, MemberData(nameof(Engines))]
    public void A_script_loads_one_libtorch_from_the_one_folder_and_copies_none(string engine)
    {
        var outcome = probe.Of(engine);
        Assert.Equal("", outcome.Error);
        Assert.Equal(["3", Path.Combine(Natives.Folder, "libLibTorchSharp.so"), Path.Combine(Natives.Folder, "libtorch_cpu.so")],
            outcome.Output.Split('\n')[2..5]);
        Assert.DoesNotContain(Directory.EnumerateFiles(ScriptEngine.CacheFolder, "*", SearchOption.AllDirectories),
            f => Path.GetFileName(f).Contains("libtorch"));
        Assert.Empty(Directory.EnumerateDirectories(ScriptEngine.CacheFolder, "cpu", SearchOption.AllDirectories));
    }

    [Theory, MemberData(nameof(Engines))]
    public void The_end_keeps_the_exit_code_and_the_output_of_C(string engine)
    {
        var outcome = probe.Of(engine);
        Assert.Equal((7, "3, C says; ended with 7", ""), (outcome.ExitCode, string.Join('\n', outcome.Output.Split('\n')[5..]), outcome.Error));
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_batch_reuses_the_memory_of_the_one_before(string engine) =>
        Assert.InRange(int.Parse(probe.Of(engine).Output.Split('\n')[0]), 0, 6_000); // 300 pages a batch, if each is given back.

    [Theory, MemberData(nameof(Engines))]
    public void A_script_aligns_large_blocks_to_pages(string engine)
    {
        Assert.SkipUnless(Directory.Exists("/sys/kernel/mm/transparent_hugepage"), "this kernel has no huge pages");
        Assert.Equal("0000", probe.Of(engine).Output.Split('\n')[1]);
    }

    [Fact]
    public void Only_what_this_machine_needs_is_in_the_folder()
    {
        var natives = Directory.EnumerateFiles(Natives.Folder).Select(f => Path.GetFileName(f)).ToList();
        Assert.Contains("libtorch_cpu.so", natives);
        Assert.Contains("libSkiaSharp.so", natives);
        Assert.Contains("libHarfBuzzSharp.so", natives);
        Assert.DoesNotContain(natives, f =>
            f.EndsWith("_test.so") || f.Contains("torch_python") || f.EndsWith(".dylib") || f is "torch.dll" or "LibTorchSharp.dll");
        Assert.Empty(Directory.EnumerateDirectories(Natives.Folder));
        Assert.Empty(Directory.EnumerateFiles(AppContext.BaseDirectory, "*.so*", SearchOption.AllDirectories));
    }

    [Fact]
    public void The_build_changes_its_own_copy_and_not_the_package()
    {
        Assert.Contains(Newest, SymbolVersions.Needed(Packaged, Soname));
        Assert.All(SymbolVersions.Needed(Built, Soname), version => Assert.Contains(version, OnThisSystem));
        Assert.Equal(OnThisSystem.Contains(Newest), Packaged.AsSpan().SequenceEqual(Built));
    }

    [Fact]
    public void Where_every_version_is_there_the_file_stays_as_it_is()
    {
        var available = SymbolVersions.Needed(Packaged, Soname).ToHashSet();
        Assert.True(Packaged.AsSpan().SequenceEqual(SymbolVersions.Weaken(Packaged, Soname, available)));
    }

    [Fact]
    public void A_version_whose_symbols_are_used_stays_needed()
    {
        var available = SymbolVersions.Needed(Packaged, Soname).Except([Newest, "GLIBCXX_3.4.30"]).ToHashSet();
        var weakened = SymbolVersions.Weaken(Packaged, Soname, available);
        Assert.DoesNotContain(Newest, SymbolVersions.Needed(weakened, Soname));
        Assert.Contains("GLIBCXX_3.4.30", SymbolVersions.Needed(weakened, Soname));
        Assert.Equal(1, Packaged.Zip(weakened).Count(pair => pair.First != pair.Second));
    }

    [Fact]
    public void A_failure_to_load_is_one_sentence()
    {
        Assert.SkipWhen(OnThisSystem.Contains(Newest), $"this system has {Newest}, so nothing is missing");
        using var folder = new TemporaryFolder();
        var library = Path.Combine(folder.Path, "libLibTorchSharp.so");
        Assert.Contains("is missing: build the library", Natives.Explain(library, new DllNotFoundException()));
        File.WriteAllBytes(library, Packaged);
        var sentence = Natives.Explain(library, new DllNotFoundException());
        Assert.Contains($"needs {Newest}, but", sentence);
        Assert.Contains("ends at GLIBCXX_3.4.", sentence);
        Assert.Contains($"delete {Natives.Folder} and build", sentence);
        Assert.DoesNotContain('\n', sentence);
    }

    [Fact]
    public void Names_are_the_systems_own() =>
        Assert.Equal(OperatingSystem.IsWindows() ? "torch.dll" : OperatingSystem.IsMacOS() ? "libtorch.dylib" : "libtorch.so", Natives.FileName("torch"));

    [Fact]
    public void A_tensor_adds_up() => Assert.Equal(3, torch.ones(3).sum().item<float>());

    /// <summary>Output of a script about the natives in its process, run once by each engine.</summary>
    public sealed class Probe : IDisposable
    {
        readonly TemporaryFolder folder = new();
        readonly Dictionary<string, Outcome> outcomes = [];

        public Outcome Of(string engine)
        {
            if (outcomes.TryGetValue(engine, out var known)) return known;
            var script = ScriptEngine.Write(folder.Path, "natives.csx", """
                #load "../lib/bin/torchlet.csx"
                using System.Runtime.CompilerServices;
                using System.Runtime.InteropServices;
                using static TorchSharp.torch;
                long Faults() => long.Parse(File.ReadAllText("/proc/self/stat").Split(')')[^1].Split(' ')[8]);
                void Batches(int count)
                {
                    for (var i = 0; i < count; i++)
                    {
                        using var scope = NewDisposeScope();
                        foreach (var _ in Enumerable.Range(0, 4)) zeros(100, 784);
                    }
                }
                Batches(100);
                var before = Faults();
                Batches(600);
                WriteLine(Faults() - before);

                using (NewDisposeScope())
                    foreach (var megabytes in new[] { 2, 3, 5, 40 })
                    {
                        var bytes = zeros(megabytes << 20, ScalarType.Byte).bytes;
                        Write(Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref MemoryMarshal.GetReference(bytes)) % Environment.SystemPageSize);
                    }
                WriteLine();

                WriteLine(ones(3).sum().item<float>());
                var maps = File.ReadLines("/proc/self/maps").Where(l => l.Contains("libtorch_cpu") || l.Contains("LibTorchSharp"));
                foreach (var line in maps.Select(l => l[l.IndexOf('/')..]).Distinct().Order()) WriteLine(line);

                [DllImport("libc")] static extern int printf(string text);
                [DllImport("libc")] static extern int on_exit(nint function, nint argument);
                delegate void Ending(int status, nint argument);
                Ending say = (status, _) => printf($"ended with {status}");
                on_exit(Marshal.GetFunctionPointerForDelegate(say), 0);
                printf("3, C says; ");
                return 7;
                """);
            // A system-wide libtorch that a look-up by name would find first, and stumble over.
            foreach (var name in new[] { "libtorch.so", "libtorch_cpu.so", "libc10.so", "libLibTorchSharp.so" })
                File.WriteAllText(Path.Combine(folder.Path, name), "no library");
            return outcomes[engine] = ScriptEngine.Run(engine, script, environment: ("LD_LIBRARY_PATH", folder.Path));
        }

        public void Dispose() => folder.Dispose();
    }
}
