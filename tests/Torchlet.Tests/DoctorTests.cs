namespace Torchlet.Tests;

public sealed class DoctorTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>A machine on which all is well, whatever the one is that the test runs on.</summary>
    Machine Sound => new()
    {
        Outputs = Path.Combine(folder.Path, "outputs", "not yet there"),
        Data = new() { Named = SmallMnist.Write(folder.Path), Data = folder.Path },
        Ask = Programs(sdk: "10.0.100", script: "2.0.0"),
        Draw = text => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)text[0]],
        FreeSpace = _ => 5_000_000_000,
    };

    [Fact]
    public void On_a_sound_machine_everything_is_ok_and_nothing_is_left_behind()
    {
        var sound = Sound;
        var before = Directory.EnumerateFileSystemEntries(folder.Path).Order().ToList();
        var (exitCode, lines) = Visit(sound);
        Assert.Equal(0, exitCode);
        Assert.All(lines[..^1], line => Assert.StartsWith("ok ", line));
        Assert.Equal("Scripts can run.", lines[^1]);
        var oneDnn = OneDnn.ComputesConvolutions ? "" : " (convolutions without oneDNN, which gets them wrong on this processor)";
        Assert.Contains(lines, line => line.StartsWith("ok libtorch") && line.EndsWith($"it multiplies matrices{oneDnn}"));
        Assert.Contains(lines, line => line.StartsWith("ok data") && line.Contains("600 + 200 images"));
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(folder.Path).Order());
    }

    public static TheoryData<string, int, string, string> Faults => new(
        ("no SDK", 1, "SDK", "install the .NET 10 SDK"),
        ("no dotnet-script", 0, "dotnet-script", "not installed; lib/Csx runs scripts too (scripts run without). Remedy: `dotnet tool restore`"),
        ("dotnet-script not restored", 0, "dotnet-script", "`dotnet tool restore` in the repository's folder, or type `dotnet-script` for"),
        ("no native library", 1, "libstdc++", "dotnet build Torchlet.slnx"),
        ("truncated native library", 1, "libstdc++", "dotnet build Torchlet.slnx"),
        ("libtorch does not load", 1, "libtorch", "build the library"),
        ("libtorch fails oddly", 1, "libtorch", "dotnet build Torchlet.slnx"),
        ("truncated Skia", 1, "Skia", "dotnet build Torchlet.slnx"),
        ("Skia does not load", 1, "Skia", "dotnet build Torchlet.slnx"),
        ("Skia draws nothing", 1, "Skia", "dotnet build Torchlet.slnx"),
        ("no font", 0, "fonts", "apt install fonts-dejavu-core"),
        ("no data", 0, "data", "TORCHLET_DATA"),
        ("damaged data", 1, "data", "replace the file"),
        ("empty TORCHLET_DATA", 1, "data", "TORCHLET_DATA"),
        ("unwritable outputs", 1, "disk: outputs", "TORCHLET_OUTPUTS"),
        ("unwritable data", 0, "disk: data", "TORCHLET_DATA"),
        ("full disk", 1, "disk: outputs", "free some space"),
        ("nearly full disk", 0, "disk: outputs", "free some space"));

    [Theory, MemberData(nameof(Faults))]
    public void Each_fault_is_one_line_with_its_remedy(string fault, int wantedCode, string name, string remedy)
    {
        var (exitCode, lines) = Visit(With(fault));
        Assert.Equal(wantedCode, exitCode);
        var line = Assert.Single(lines, l => l.StartsWith($"!! {name} "));
        Assert.Contains(remedy, line);
        Assert.Equal(wantedCode == 0, line.Contains("(scripts run without)"));
        Assert.Equal(wantedCode == 0 ? "Scripts can run." : "1 thing keeps scripts from running.", lines[^1]);
    }

    [Fact]
    public void The_program_runs_where_libtorch_is_cut_short()
    {
        var bin = Directory.CreateDirectory(Path.Combine(folder.Path, "lib", "bin")).FullName;
        var torch = Path.Combine(bin, "libtorch_cpu.so");
        foreach (var file in Directory.EnumerateFiles(Natives.Folder).Where(file => Path.GetFileName(file) != Path.GetFileName(torch)))
            File.Copy(file, Path.Combine(bin, Path.GetFileName(file)));
        using (var whole = File.OpenRead(Path.Combine(Natives.Folder, "libtorch_cpu.so")))
        using (var half = File.Create(torch))
        {
            var start = new byte[1 << 20];
            whole.ReadExactly(start);
            half.Write(start);
        }

        var outcome = ScriptEngine.Start("dotnet", $"\"{Path.Combine(bin, "Csx.dll")}\" doctor", folder.Path);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains($"!! libtorch      {torch} is damaged, its end is missing", outcome.Output);
        Assert.Contains("ok Skia", outcome.Output);
    }

    Machine With(string fault)
    {
        var sound = Sound;
        var bin = Directory.CreateDirectory(Path.Combine(folder.Path, "bin")).FullName;
        var file = Path.Combine(folder.Path, "a file");
        File.WriteAllText(file, "");
        return fault switch
        {
            "no SDK" => sound with { Ask = Programs(script: "2.0.0") },
            "no dotnet-script" => sound with { Ask = Programs(sdk: "10.0.100") },
            "dotnet-script not restored" => sound with { Ask = Programs(sdk: "10.0.100", onPath: "1.6.0") },
            "no native library" => sound with { Bin = bin },
            "truncated native library" => sound with { Bin = Truncated("LibTorchSharp") },
            "libtorch does not load" => sound with { LoadTorch = () => throw new TorchletException("x is missing: build the library.") },
            "libtorch fails oddly" => sound with { LoadTorch = () => throw new TypeInitializationException("X", new DllNotFoundException("deep\nreason")) },
            "truncated Skia" => sound with { Bin = Truncated("SkiaSharp", "LibTorchSharp") },
            "Skia does not load" => sound with { Draw = _ => throw new DllNotFoundException("libSkiaSharp") },
            "Skia draws nothing" => sound with { Draw = _ => [] },
            "no font" => sound with { Draw = _ => sound.Draw("x") },
            "no data" => sound with { Data = new() { Named = null, Data = bin } },
            "damaged data" => sound with { Data = sound.Data with { Named = Damaged() } },
            "empty TORCHLET_DATA" => sound with { Data = sound.Data with { Named = bin } },
            "unwritable outputs" => sound with { Outputs = Path.Combine(file, "outputs") },
            "unwritable data" => sound with { Data = sound.Data with { Data = file } },
            "full disk" => sound with { FreeSpace = _ => 1_000 },
            "nearly full disk" => sound with { FreeSpace = _ => 100_000_000 },
            _ => throw new ArgumentException(fault),
        };

        // The first library is cut short, the others are whole.
        string Truncated(string library, params string[] whole)
        {
            var start = File.ReadAllBytes(Path.Combine(Natives.Folder, Natives.FileName(library)))[..1000];
            File.WriteAllBytes(Path.Combine(bin, Natives.FileName(library)), start);
            foreach (var name in whole) File.Copy(Path.Combine(Natives.Folder, Natives.FileName(name)), Path.Combine(bin, Natives.FileName(name)));
            return bin;
        }

        string Damaged()
        {
            var data = SmallMnist.Write(Directory.CreateDirectory(Path.Combine(folder.Path, "damaged")).FullName);
            File.WriteAllBytes(Path.Combine(data, "train-labels-idx1-ubyte"), Idx.Bytes([.. Enumerable.Repeat((byte)77, 600)], 600));
            return data;
        }
    }

    // Their answers to --version; null: not installed.
    static Func<string, string, string?> Programs(string? sdk = null, string? script = null, string? onPath = null) => (program, arguments) =>
        (program, arguments) switch
        {
            ("dotnet", "--version") => sdk,
            ("dotnet", "script --version") => script,
            ("dotnet-script", "--version") => onPath,
            _ => throw new ArgumentException($"{program} {arguments}"),
        };

    static (int ExitCode, string[] Lines) Visit(Machine here)
    {
        var output = new StringWriter();
        var exitCode = Doctor.Run(here, output);
        return (exitCode, output.ToString().TrimEnd().Split('\n'));
    }
}
