using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace Torchlet;

/// <summary>Checks everything that scripts use on this machine, and tells how to repair it.</summary>
public static class Doctor
{
    const string Rebuild = "delete lib/bin and run `dotnet build Torchlet.slnx`";
    const string RestoreTools = "`dotnet tool restore` in the repository's folder";
    const long Ample = 1_000_000_000, Scant = 50_000_000;

    /// <summary>Prints a line for each thing.</summary>
    /// <returns>The process's exit code: 1 if something that scripts need is broken, else 0.</returns>
    public static int Run() => Run(new(), Console.Out);

    internal static int Run(Machine here, TextWriter output)
    {
        var broken = 0;
        foreach (var checkup in Checkups(here))
        {
            output.WriteLine(checkup);
            if (checkup.Health == Health.Broken) broken++;
        }
        output.WriteLine(broken == 0 ? "Scripts can run." : $"{broken} {(broken == 1 ? "thing keeps" : "things keep")} scripts from running.");
        return broken == 0 ? 0 : 1;
    }

    internal static IEnumerable<Checkup> Checkups(Machine here)
    {
        yield return Guarded("SDK", () => Sdk(here), "install the .NET 10 SDK");
        yield return Guarded("dotnet-script", () => DotnetScript(here), "none needed: lib/Csx runs scripts too");
        if (OperatingSystem.IsLinux()) yield return Guarded("libstdc++", () => Libstdcxx(here), Rebuild);
        var libtorch = Guarded("libtorch", () => Libtorch(here), Rebuild);
        yield return libtorch;
        yield return Guarded("libraries", Libraries, Rebuild);
        var skia = Guarded("Skia", () => Skia(here), Rebuild);
        yield return skia;
        if (skia.Health == Health.Ok) yield return Guarded("fonts", () => Texts(here), Rebuild);
        if (libtorch.Health == Health.Ok)
        {
            yield return Guarded("data", () => Data(here), "name a data set with --data");
            yield return Guarded("device", Device, "use --device cpu");
        }
        yield return Disk("disk: outputs", here.Outputs, here, Health.Broken, $"make it writable, or name another folder in {ProjectFolders.OutputsVariable}");
        yield return Disk("disk: data", here.Data.Data, here, Health.Lacking, $"make it writable, or name a folder with data in {Datasets.FolderVariable}");
    }

    /// <summary>Whatever a check stumbles over is a finding.</summary>
    static Checkup Guarded(string name, Func<Checkup> check, string remedy)
    {
        try
        {
            return check();
        }
        catch (TorchletException e) // Its message ends with the remedy.
        {
            return new(name, Health.Broken, e.Message);
        }
        catch (Exception e)
        {
            return new(name, Health.Broken, e.GetBaseException().Message.Split('\n')[0].Trim(), remedy);
        }
    }

    static Checkup Sdk(Machine here) => here.Ask("dotnet", "--version") is { } version
        ? new("SDK", Health.Ok, $".NET SDK {version}, runtime {Environment.Version}")
        : new("SDK", Health.Broken, $"no .NET SDK that {Path.Combine(here.Root, "global.json")} accepts is on the PATH",
            "install the .NET 10 SDK from https://dot.net");

    /// <summary>Asked for as it is typed: .config/dotnet-tools.json then decides, not the PATH.</summary>
    static Checkup DotnetScript(Machine here) =>
        here.Ask("dotnet", "script --version") is { } version ? new("dotnet-script", Health.Ok, version.Split('\n')[0])
        : here.Ask("dotnet-script", "--version") is { } other
            ? new("dotnet-script", Health.Lacking, $"{other.Split('\n')[0]} is on the PATH, but `dotnet script` wants the one in .config/dotnet-tools.json",
                $"{RestoreTools}, or type `dotnet-script` for `dotnet script`")
        : new("dotnet-script", Health.Lacking, "not installed; lib/Csx runs scripts too", RestoreTools);

    static Checkup Libstdcxx(Machine here)
    {
        const string soname = "libstdc++.so.6";
        var library = Path.Combine(here.Bin, Natives.FileName("LibTorchSharp"));
        if (SymbolVersions.LoadedPath(soname) is not { } system)
            return new("libstdc++", Health.Broken, $"{soname} is not loaded", "install it (Debian and Ubuntu: apt install libstdc++6)");
        if (!File.Exists(library) || !ElfFile.IsWhole(library))
            return new("libstdc++", Health.Broken, $"{library} is missing or damaged, so what it needs cannot be said", Rebuild);
        var missing = SymbolVersions.Needed(RegularFile.Bytes(library), soname).Except(SymbolVersions.Defined(RegularFile.Bytes(system))).ToList();
        return missing.Count == 0 ? new("libstdc++", Health.Ok, $"{system} has all that TorchSharp needs")
            : new("libstdc++", Health.Broken, Natives.Explain(library, new DllNotFoundException()));
    }

    static Checkup Libtorch(Machine here)
    {
        here.LoadTorch();
        var product = Product();
        return product == 3 ? new("libtorch", Health.Ok, $"{torch.__version__} in {here.Bin}; it multiplies matrices{Convolutions()}")
            : new("libtorch", Health.Broken, $"a product of ones is {product}, not 3", Rebuild);
    }

    static string Convolutions() => OneDnn.ComputesConvolutions ? "" : " (convolutions without oneDNN, which gets them wrong on this processor)";

    // Not inlined: TorchSharp is looked for when the method that names it is compiled.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static float Product()
    {
        using var scope = torch.NewDisposeScope();
        return torch.ones(2, 3).mm(torch.ones(3, 2))[1, 1].item<float>();
    }

    /// <summary>The platform that the library runs on.</summary>
    static Checkup Libraries()
    {
        var names = typeof(Doctor).Assembly.GetReferencedAssemblies();
        foreach (var name in names) Assembly.Load(name);
        return new("libraries", Health.Ok, $"all {names.Length} load");
    }

    static Checkup Skia(Machine here)
    {
        var natives = new[] { "SkiaSharp", "HarfBuzzSharp" }.Select(name => Path.Combine(here.Bin, Natives.FileName(name)));
        return natives.FirstOrDefault(path => OperatingSystem.IsLinux() && File.Exists(path) && !ElfFile.IsWhole(path)) is { } damaged
                ? new("Skia", Health.Broken, $"{damaged} is damaged, its end is missing", Rebuild)
            : here.Draw(" ") is [0x89, (byte)'P', (byte)'N', (byte)'G', ..] ? new("Skia", Health.Ok, "it draws")
            : new("Skia", Health.Broken, "it draws no PNG", Rebuild);
    }

    /// <summary>Without a font every letter is the same box, or none.</summary>
    static Checkup Texts(Machine here) => here.Draw("lll").AsSpan().SequenceEqual(here.Draw("MMM"))
        ? new("fonts", Health.Lacking, "no font found, so plots have no text", "install one (Debian and Ubuntu: apt install fonts-dejavu-core)")
        : new("fonts", Health.Ok, "plots have text");

    static Checkup Data(Machine here)
    {
        var found = Datasets.OnDisk(here.Data);
        using var images = found?.Train.Inputs;
        return found is not null
            ? new("data", Health.Ok, $"auto is {found.Name}, {found.Train.Count:n0} + {found.Test.Count:n0} images, from {found.Source}")
            : new("data", Health.Lacking, $"no {here.Data.Mnist.Name} on this machine: {WithoutData(here.Data)}",
                $"put its four files into {HomeOf(here.Data)}, or name their folder in {Datasets.FolderVariable}");
    }

    static string HomeOf(DataPlaces data) => Path.Combine(data.Data, data.Mnist.Folder);

    /// <summary>The data that a script with <c>--data auto</c> uses without any on disk.</summary>
    static string WithoutData(DataPlaces data) =>
        Refusal(Nearest(HomeOf(data))) is { } refusal
            ? $"{data.Data} cannot be written to ({refusal}), so scripts draw {Datasets.SyntheticName} into memory"
        : data.Mnist.Mirrors.FirstOrDefault(mirror => Answers(mirror, data)) is { } mirror ? $"the first run downloads it from {mirror.Host}"
        : $"no mirror answers, so scripts use {Datasets.SyntheticName}";

    static bool Answers(Uri mirror, DataPlaces data)
    {
        using var http = data.Client();
        http.Timeout = TimeSpan.FromSeconds(3);
        try
        {
            using var answer = http.Send(new(HttpMethod.Head, new Uri(mirror, data.Mnist.Files[^1].Name)));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return false;
        }
    }

    static Checkup Device()
    {
        var device = Devices.Pick("auto");
        return device.type == DeviceType.CPU && File.Exists("/proc/driver/nvidia/version")
            ? new("device", Health.Lacking, $"cpu, {Plural.Of(torch.get_num_threads(), "thread")}, though this machine has an NVIDIA driver",
                "build with `dotnet build Torchlet.slnx -p:TorchBackend=cuda`")
            : new("device", Health.Ok, $"auto is {device}, {Plural.Of(torch.get_num_threads(), "thread")}");
    }

    static Checkup Disk(string name, string folder, Machine here, Health unwritable, string remedy) => Guarded(name, () =>
    {
        var there = Nearest(folder);
        if (Refusal(there) is { } refusal) return new(name, unwritable, $"{there} cannot be written to: {refusal}", remedy);
        var free = here.FreeSpace(there);
        return free >= Ample ? new(name, Health.Ok, $"{folder} is writable, {free / 1e9:n0} GB free")
            : new(name, free < Scant ? unwritable : Health.Lacking, $"{folder} is writable, but only {free / 1e6:n0} MB are free",
                "delete old runs or free some space");
    }, "make the folder writable");

    /// <summary>Why no file can be made in a folder; null if one can.</summary>
    static string? Refusal(string folder)
    {
        try
        {
            // The name is new, so the file belongs to no one else; closing deletes it.
            var file = Path.Combine(folder, $".{Guid.NewGuid():n}");
            new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return AtomicFile.Reason(e);
        }
    }

    /// <summary>The folder, or the first of those above it that is there.</summary>
    static string Nearest(string folder) => Path.Exists(folder) ? folder : Nearest(Path.GetDirectoryName(Path.GetFullPath(folder))!);
}

/// <summary>Result of checking one thing that scripts use.</summary>
/// <param name="Name">Of what.</param>
/// <param name="Health">How it is.</param>
/// <param name="Finding">What was found, in one line.</param>
/// <param name="Remedy">What mends it, in one line; null where nothing is to be mended.</param>
public sealed record Checkup(string Name, Health Health, string Finding, string? Remedy = null)
{
    /// <summary>One line: ok or !!, the name, the finding, the remedy.</summary>
    public override string ToString() =>
        $"{(Health == Health.Ok ? "ok" : "!!")} {Name,-13} {Finding.TrimEnd('.', ':')}"
        + (Health == Health.Lacking ? " (scripts run without)" : "") + (Remedy is null ? "" : $". Remedy: {Remedy}");
}

/// <summary>How a thing that scripts use is found.</summary>
public enum Health
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Not as it could be, and scripts run all the same.</summary>
    Lacking,

    /// <summary>Scripts cannot run, or not all of them.</summary>
    Broken,
}
