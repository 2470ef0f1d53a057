using System.Text;
using SkiaSharp;
using static TorchSharp.torch;

namespace Torchlet.Benchmarks;

/// <summary>Reading of the same ten thousand pictures out of each kind of file that people keep them in, compared with numpy.</summary>
static class DataContest
{
    const int WarmUp = 1;

    public static IReadOnlyList<Measurement> Run(BenchmarkConfig config, Dataset data)
    {
        var folder = Directory.CreateTempSubdirectory("torchlet-benchmarks-").FullName;
        try
        {
            var (train, test) = (data.Train[..10_000], data.Test[..1_000]);
            (string Name, string Kind, string Place)[] places =
            [
                ("four IDX files", "idx", Idx(Path.Combine(folder, "idx"), train, test)), ("a .npz", "npz", Npz(Path.Combine(folder, "data.npz"), train, test)),
                ("a .csv", "csv", Csv(Path.Combine(folder, "data.csv"), train)),
                ("a folder of PNG files", "pictures", Pictures(Path.Combine(folder, "png"), train)),
            ];
            var hasNumpy = PythonPeer.IsThere(config.Python, "numpy, PIL", "python3-numpy python3-pil");
            return [.. places.SelectMany(p => Of(config, $"reading {p.Name}", p.Kind, p.Place, hasNumpy))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static IReadOnlyList<Measurement> Of(BenchmarkConfig config, string comparison, string kind, string place, bool hasNumpy)
    {
        using var numpy = hasNumpy ? PythonPeer.StartReading(config.Python, kind, place) : null;
        var contest = Contest.Alternate(config.Rounds, WarmUp,
        [
            ("Torchlet", EpochContest.Timed(() => Read(place))),
            .. numpy is null ? Array.Empty<(string, Func<double>)>() : [(kind == "pictures" ? "Pillow and numpy" : "numpy", EpochContest.Timed(numpy.Turn))],
        ]);
        var megabytes = Size(place) / 1e6;
        return Measurement.Of(comparison, "MB/s", [.. contest.Select(c => (c.Name, (IReadOnlyList<double>)[.. c.Results.Select(s => megabytes / s)]))]);
    }

    static int Read(string place)
    {
        using var scope = NewDisposeScope();
        return Datasets.Load(place).Train.Count;
    }

    static long Size(string place) =>
        File.Exists(place) ? new FileInfo(place).Length : new DirectoryInfo(place).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    static byte[] Labels(Split split) => [.. split.Targets.data<long>().Select(label => (byte)label)];

    static int Side(Split split) => (int)split.Inputs.size(3);

    static string Idx(string folder, Split train, Split test)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, part) in new[] { ("train", train), ("t10k", test) })
        {
            File.WriteAllBytes(Path.Combine(folder, $"{name}-images-idx3-ubyte"), Torchlet.Idx.Bytes(part.Inputs.bytes, part.Count, Side(part), Side(part)));
            File.WriteAllBytes(Path.Combine(folder, $"{name}-labels-idx1-ubyte"), Torchlet.Idx.Bytes(Labels(part), part.Count));
        }
        return folder;
    }

    static string Npz(string path, Split train, Split test)
    {
        (string, ReadOnlyMemory<byte>)[] Arrays(string name, Split part) =>
        [
            ($"x_{name}.npy", Npy(part.Inputs.bytes, part.Count, Side(part), Side(part))), ($"y_{name}.npy", Npy(Labels(part), part.Count)),
        ];
        File.WriteAllBytes(path, Zip.Write([.. Arrays("train", train), .. Arrays("test", test)]));
        return path;
    }

    static byte[] Npy(ReadOnlySpan<byte> elements, params int[] shape)
    {
        var header = Encoding.ASCII.GetBytes($"{{'descr': '|u1', 'fortran_order': False, 'shape': ({string.Join(',', shape)},)}}\n");
        return [.. Torchlet.Npz.NpyMagic, 1, 0, (byte)header.Length, 0, .. header, .. elements];
    }

    static string Csv(string path, Split split)
    {
        var (pixels, labels, length) = (split.Inputs.bytes.ToArray(), Labels(split), Side(split) * Side(split));
        File.WriteAllLines(path, pixels.Chunk(length).Zip(labels, (row, label) => $"{label},{string.Join(',', row)}")
            .Prepend($"label,{string.Join(',', Enumerable.Range(0, length).Select(i => $"pixel{i}"))}"));
        return path;
    }

    static string Pictures(string folder, Split split)
    {
        foreach (var (i, label) in Labels(split).Index())
        {
            using var bitmap = new SKBitmap(Side(split), Side(split), SKColorType.Gray8, SKAlphaType.Opaque);
            split.Inputs[i].bytes.CopyTo(bitmap.GetPixelSpan());
            using var png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
            File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, $"{label}")).FullName, $"{i}.png"), png.ToArray());
        }
        return folder;
    }
}
