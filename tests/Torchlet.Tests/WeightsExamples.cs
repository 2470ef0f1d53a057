using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;

namespace Torchlet.Tests;

/// <summary>The parameters of a multilayer perceptron under no names, as a test writes them down.</summary>
sealed record MlpWeights(ImmutableArray<int> Sizes, ReadOnlyMemory<float> Flat)
{
    /// <summary>The same under the names fc1.weight, fc1.bias, fc2.weight, ….</summary>
    public static implicit operator ImmutableArray<NamedArray>(MlpWeights weights) => WeightsExamples.Arrays(weights);
}

/// <summary>The small network of fixtures/make_weights.py, 4-3-2, whose weights count up from -10, and the files that Python made of it.</summary>
static class WeightsExamples
{
    public static MlpWeights Small { get; } = new([4, 3, 2], Enumerable.Range(-10, 23).Select(n => (float)n).ToArray());

    public static string Folder { get; } = Path.Combine(Path.GetDirectoryName(Here())!, "fixtures");

    public static ImmutableArray<string> Files { get; } = [.. Directory.GetFiles(Folder)
        .Where(f => !f.EndsWith(".py") && !f.EndsWith(".jsonl"))
        .Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Folder, file));

    /// <summary>The arrays of a weights file with these bytes; what it is refused for, without the file's name.</summary>
    public static ImmutableArray<NamedArray> Read(byte[] bytes)
    {
        var path = Written.Write(bytes);
        try
        {
            return Weights.Read(path).Arrays;
        }
        catch (TorchletException e)
        {
            throw new TorchletException(e.Message[$"{path}: ".Length..], e);
        }
    }

    /// <summary>Bytes written as text of one character per byte.</summary>
    public static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    public static ImmutableArray<NamedArray> Arrays(MlpWeights weights)
    {
        var named = ImmutableArray.CreateBuilder<NamedArray>();
        var at = 0;
        foreach (var (i, (nIn, nOut)) in weights.Sizes.Zip(weights.Sizes.Skip(1)).Index())
        {
            named.Add(new($"fc{i + 1}.weight", [nOut, nIn], weights.Flat.Slice(at, nIn * nOut)));
            named.Add(new($"fc{i + 1}.bias", [nOut], weights.Flat.Slice(at + nIn * nOut, nOut)));
            at += (nIn + 1) * nOut;
        }
        return named.ToImmutable();
    }

    /// <summary>Widths of the layers in arrays that <see cref="LayerNames"/> has named.</summary>
    public static IEnumerable<int> Sizes(ImmutableArray<NamedArray> arrays) =>
        [(int)arrays[0].Shape[1], .. arrays.Where(a => a.Shape.Length == 1).Select(a => (int)a.Shape[0])];

    public static void AssertSame(MlpWeights expected, ImmutableArray<NamedArray> actual)
    {
        Assert.Equal(Arrays(expected).Select(a => a.ToString()), actual.Select(a => a.ToString()));
        Assert.Equal(expected.Flat.ToArray(), actual.SelectMany(a => a.Values.ToArray()));
    }

    public static void AssertSame(MlpWeights expected, SavedModel actual)
    {
        Assert.Equal(Arrays(expected).Select(a => $"{a}"), actual.Net.Parameters.Select(s => $"{s.Name} {NamedArray.Show(s.Shape)}"));
        Assert.Equal(expected.Flat.ToArray(), actual.Flat.ToArray());
    }

    static readonly TemporaryFolder Written = TemporaryFolder.OfProcess();

    static string Here([CallerFilePath] string path = "") => path;
}
