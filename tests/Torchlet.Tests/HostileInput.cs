using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Torchlet.Tests;

/// <summary>One broken file, and a script that is given it.</summary>
/// <param name="File">The file's path, within a folder that <see cref="HostileInput.Write"/> made.</param>
/// <param name="Damage">A name in <see cref="HostileInput.Damages"/> or <see cref="HostileInput.WeightsDamages"/>.</param>
/// <param name="Script">The script, without its ending.</param>
/// <param name="Options">Its options; {folder} means that folder.</param>
sealed record HostileCase(string File, string Damage, string Script, string Options);

/// <summary>Every kind of file that a script reads, broken in every way that we could think of.</summary>
static class HostileInput
{
    public const string
        Missing = "missing", Folder = "a folder in its place", Loop = "a link to itself",
        Pipe = "a pipe in its place", Device = "a link to a device", Sparse = "a hundred gigabytes";

    /// <summary>The change to a good file's bytes. null: the path is not a file.</summary>
    public static ImmutableSortedDictionary<string, Func<byte[], byte[]>?> Damages { get; } = new Dictionary<string, Func<byte[], byte[]>?>
    {
        [Missing] = null, [Folder] = null, [Loop] = null, [Pipe] = null, [Device] = null, [Sparse] = null,
        ["empty"] = _ => [],
        ["one byte"] = good => good[..1],
        ["half"] = good => good[..(good.Length / 2)],
        ["first byte changed"] = good => [(byte)(good[0] ^ 0x55), .. good[1..]],
        ["zeros"] = good => new byte[good.Length],
        ["noise"] = good => Noise(good.Length),
        ["text"] = _ => "All work and no play makes Jack a dull boy.\n"u8.ToArray(),
        ["a web page"] = _ => "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n"u8.ToArray(),
        ["an endless line"] = _ => Encoding.ASCII.GetBytes(new string('9', 1 << 20)),
        ["terminal codes"] = _ => Encoding.UTF8.GetBytes("\e[2J\e]0;owned\a\u202e\n\n{\"script\": \"\e[31m\"}\n"),
        ["deep brackets"] = _ => Encoding.ASCII.GetBytes(new string('[', 100_000)),
        ["wide characters"] = good => Encoding.Unicode.GetBytes(Encoding.Latin1.GetString(good)),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    static readonly MlpWeights Small = new([784, 5, 10], Enumerable.Range(0, 3985).Select(i => i % 7 / 10f).ToArray());

    /// <summary>The content at the path of the weights instead of them, for which a format has its own traps.</summary>
    public static ImmutableSortedDictionary<string, Action<string>> WeightsDamages { get; } = new Dictionary<string, Action<string>>
    {
        ["a link to a device"] = path => File.CreateSymbolicLink(path, "/dev/zero"),
        ["a pipe"] = MakePipe,
        ["a huge hole"] = path => WriteHole(path, []),
        ["a huge hole in an archive"] = path => WriteHole(path, "PK\u0003\u0004"u8),
        ["sizes that wrap"] = path => File.WriteAllBytes(path, WeightsRefusalTests.SizesThatWrap()),
        ["another network"] = path => Weights.SaveSafetensors(path, new MlpWeights([9, 10], new float[100]), new Dictionary<string, string>()),
        ["an activation of terminal codes"] = path =>
            Weights.SaveSafetensors(path, Small, new Dictionary<string, string> { ["activation"] = "\e]0;owned\a" + new string('x', 100_000) }),
        ["layers in two orders"] = path => File.WriteAllBytes(path, TorchState.Write([.. WeightsExamples.Arrays(Small).Reverse()])),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    static readonly ImmutableArray<string> Data = [.. IdxFolder.Names.Select(name => $"data/{name}")];
    static readonly ImmutableArray<string> WeightsFiles = ["weights.safetensors", "weights.pt"];
    const string Best = "run/best.safetensors";
    static readonly ImmutableArray<string> Run = ["run/config.json", "run/last.checkpoint", "run/log.csv", Best];

    static readonly ImmutableArray<string> ReadingData =
    [
        "01_infer_pretrained --weights {folder}/weights.pt --out {folder}/out",
        "02_train_cross_entropy --out {folder}/out",
        "03_compare_losses --out {folder}/out",
        "02_train_cross_entropy --resume {folder}/run --epochs 3",
    ];

    /// <summary>The whole product; the damages of weights for weights only.</summary>
    public static ImmutableArray<HostileCase> Cases { get; } =
        [.. from damage in Damages.Keys
            from given in (IEnumerable<(string File, string Script, string Options)>)[
                .. from file in Data from script in ReadingData select (file, Word(script), $"{script[Word(script).Length..]} --data {{folder}}/data"),
                .. from file in WeightsFiles select Inferred(file),
                .. from file in Run select Resumed(file)]
            where damage is not (Pipe or Device or Sparse) || Data.Contains(given.File)
            select new HostileCase(given.File, damage, given.Script, given.Options),
            .. from damage in WeightsDamages.Keys
            from given in WeightsFiles.Select(Inferred).Append(Resumed(Best))
            select new HostileCase(given.File, damage, given.Script, given.Options)];

    /// <summary>Good files: a data set, weights for it, and a run of two epochs.</summary>
    public static void Write(string folder)
    {
        SmallMnist.Write(Directory.CreateDirectory(Path.Combine(folder, "data")).FullName, train: 60, test: 20);
        Weights.SaveSafetensors(Path.Combine(folder, "weights.safetensors"), Small, new Dictionary<string, string>());
        Weights.SaveTorch(Path.Combine(folder, "weights.pt"), Small);
        var outcome = InProcess.Run("scripts/02_train_cross_entropy.csx",
            $"--epochs 2 --hidden 5 --data {folder}/data --out {folder}/run");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
    }

    /// <summary>Breaks one of them.</summary>
    public static void Break(string path, string damage)
    {
        var good = File.ReadAllBytes(path);
        if (damage == Sparse)
        {
            using var file = File.OpenWrite(path);
            file.SetLength(100L << 30);
            return;
        }
        File.Delete(path);
        if (damage == Folder) Directory.CreateDirectory(path);
        else if (damage == Loop) File.CreateSymbolicLink(path, path);
        else if (WeightsDamages.TryGetValue(damage, out var write)) write(path);
        else if (damage == Pipe) MakePipe(path);
        else if (damage == Device) File.CreateSymbolicLink(path, "/dev/zero");
        else if (damage != Missing) File.WriteAllBytes(path, Damages[damage]!(good));
    }

    static (string File, string Script, string Options) Inferred(string file) =>
        (file, "01_infer_pretrained", $"--weights {{folder}}/{file} --data {{folder}}/data --out {{folder}}/out");

    static (string File, string Script, string Options) Resumed(string file) => (file, "02_train_cross_entropy", "--resume {folder}/run --epochs 3");

    static void WriteHole(string path, ReadOnlySpan<byte> start)
    {
        using var hole = File.Create(path);
        hole.Write(start);
        hole.SetLength(1_900_000_000);
    }

    /// <summary>Makes a named pipe without a writer.</summary>
    public static void MakePipe(string path) => Assert.Equal(0, mkfifo(path, mode: 0x1b6));

    [DllImport("libc")]
    static extern int mkfifo(string path, int mode);

    static string Word(string text) => text.Split(' ')[0];

    static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
