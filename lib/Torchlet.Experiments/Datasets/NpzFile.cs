using System.Collections.Immutable;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A data set as Keras keeps one: x_train, y_train, x_test and y_test in one .npz. Pictures are uint8 [n, h, w], [n, h, w, 1 or 3], [n, 1 or 3, h, w], or as
/// long as a square picture with bytes of 128 or more, [n, 784]; uint8 of other shapes are ids, and floats stay what they are. Labels are whole numbers,
/// [n] or [n, 1].
/// </summary>
static class NpzFile
{
    // Pixels as float64 unpack to thirty times what they are packed to.
    const int Ratio = 50;

    // Beyond it not every whole number is a float32.
    const float LargestLabel = 1 << 24;

    static readonly ImmutableArray<string> Names = ["x_train", "y_train", "x_test", "y_test"];

    /// <summary>Reads the four arrays. Reading never runs anything.</summary>
    /// <exception cref="TorchletException">An array is missing, or the four do not belong together; the message names the file and the array.</exception>
    public static Dataset Read(string path, CancellationToken stop) => RegularFile.Reading(path, file =>
    {
        using var scope = NewDisposeScope();
        var entries = Complaining(() => Zip.Read(file, Ratio));
        file.Position = 0;
        var checksum = RegularFile.Sha256(file, stop);
        var (x, y) = (Inputs(Find(entries, 0)), Labels(Find(entries, 1)));
        var (u, v) = (Inputs(Find(entries, 2)), Labels(Find(entries, 3)));
        CheckTogether(x, y.Length, u, v.Length);
        if (CsvFile.SideOfPictures(x) is { } side) (x, u) = (x.view(-1, 1, side, side), u.view(-1, 1, side, side));
        var names = LabelNames.Checked(LabelNames.Distinct(y));
        return new Dataset("", Path.GetDirectoryName(Path.GetFullPath(path))!, [.. names.Select(LabelNames.Shown)],
            ImmutableSortedDictionary<string, string>.Empty.Add(Path.GetFileName(path), checksum),
            new(x.MoveToOuterDisposeScope(), Targets(y, names, "y_train").MoveToOuterDisposeScope()),
            new(u.MoveToOuterDisposeScope(), Targets(v, names, "y_test").MoveToOuterDisposeScope()));
    });

    static Strided Find(OrderedDictionary<string, ReadOnlyMemory<byte>> entries, int name) =>
        Complaining(() => Npz.Find(entries, Names[name])) ?? throw new TorchletException(
            $"lacks {Names[name]}; want the arrays {string.Join(", ", Names)}, got {Printable.Of(string.Join(", ", entries.Keys))}");

    /// <summary>An error message of the archive readers, reworded to follow the file's name.</summary>
    static T Complaining<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (TorchletException e)
        {
            throw new TorchletException($"cannot be used: {e.Message}", e);
        }
    }

    /// <summary>uint8 or float32, the channels of pictures first.</summary>
    static Tensor Inputs(Strided array)
    {
        if (array.Shape.Length < 2 || array.Count == 0) throw Wrong(array, "want [n, …], one example or more");
        if (array.Type != ElementType.UInt8 && !array.Type.Name.Contains("float"))
            throw Wrong(array, $"holds {array.Type.Name}; save pixels of 0 to 255 as uint8, and other numbers as float32");
        var numbers = Numbers(array);
        return numbers.ndim switch
        {
            3 => numbers.unsqueeze(1),
            4 when numbers.size(3) is 1 or 3 => numbers.permute(0, 3, 1, 2).contiguous(),
            4 when numbers.size(1) is not (1 or 3) => throw Wrong(array, "want pictures of one channel or of three, [n, h, w] or [n, h, w, 3]"),
            _ => numbers,
        };
    }

    static Tensor Numbers(Strided array)
    {
        if (array.Count * sizeof(float) > Array.MaxLength && array.Bytes is null) throw Wrong(array, "has more numbers than fit into memory as one tensor");
        if (array.Bytes is { } bytes)
        {
            var pixels = empty([.. array.Shape], ScalarType.Byte);
            bytes.Span.CopyTo(pixels.bytes);
            return pixels;
        }
        var numbers = empty([.. array.Shape], ScalarType.Float32);
        MemoryMarshal.AsBytes(Decoded(array).Span).CopyTo(numbers.bytes);
        if (numbers.isfinite().all().item<bool>()) return array.Type == ElementType.UInt8 ? numbers.to_type(ScalarType.Byte) : numbers;
        throw Wrong(array, "holds NaN or infinity; fill in or take out those examples");
    }

    static ReadOnlyMemory<float> Decoded(Strided array) => Strided.Decode([array], array.Count)[0].Values;

    static string[] Labels(Strided array)
    {
        if (array.Shape is not ([_] or [_, 1]) || array.Count == 0) throw Wrong(array, "want labels, [n] or [n, 1]");
        var numbers = Decoded(array).ToArray();
        return Array.FindIndex(numbers, n => !(MathF.Abs(n) < LargestLabel && MathF.Floor(n) == n)) is >= 0 and var i
            ? throw Wrong(array, $"holds {numbers[i]} at place {i}; want labels, whole numbers")
            : [.. numbers.Select(n => $"{(int)n}")];
    }

    static void CheckTogether(Tensor x, int labels, Tensor u, int testLabels)
    {
        foreach (var (part, inputs, count) in new[] { ("train", x, labels), ("test", u, testLabels) })
            if (inputs.size(0) != count)
                throw new TorchletException($"holds {inputs.size(0)} examples in x_{part} and {count} labels in y_{part}; want as many of both");
        if (!x.shape.AsSpan(1).SequenceEqual(u.shape.AsSpan(1)) || x.dtype != u.dtype)
            throw new TorchletException(
                $"holds {x.dtype} of shape {Shapes.Show(x.shape.AsSpan(1))} in x_train "
                + $"and {u.dtype} of {Shapes.Show(u.shape.AsSpan(1))} in x_test; want the same");
    }

    static Tensor Targets(string[] labels, ImmutableArray<string> names, string array)
    {
        var numbers = names.Index().ToDictionary(name => name.Item, name => (long)name.Index);
        if (Array.FindIndex(labels, label => !numbers.ContainsKey(label)) is >= 0 and var place)
            throw new TorchletException($"holds the label {labels[place]} at place {place} of {array}, which y_train lacks; want the same classes in both");
        if (names.Except(labels).FirstOrDefault() is { } untested)
            throw new TorchletException($"lacks the label {untested} of y_train in {array}; want the same classes in both");
        return tensor(labels.Select(label => numbers[label]).ToArray());
    }

    static TorchletException Wrong(Strided array, string what) => new($"cannot be used: {array.Name} {NamedArray.Show(array.Shape)} {what}");
}
