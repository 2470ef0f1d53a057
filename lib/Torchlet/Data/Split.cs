using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Examples: what a model is given, and what it should make of it. The first axis of both counts them.</summary>
/// <param name="Inputs">
/// [count, …], of any element type: bytes of pictures stay bytes in memory, [count, 1, 28, 28], and become floats batch by batch. Other integers are ids or
/// numbers: see <see cref="Objective.Prepare"/>.
/// </param>
/// <param name="Targets">[count, …]: labels are integers 0 … classes − 1, [count].</param>
/// <exception cref="ArgumentException">There is not one target for each input.</exception>
public sealed record Split(Tensor Inputs, Tensor Targets)
{
    /// <summary>The targets.</summary>
    public Tensor Targets { get; init; } = Targets.WantOneForEach(Inputs, "targets");

    /// <summary>Side columns by name, [count, …] each: what else is known of an example. <see cref="With(string, Tensor)"/> adds one.</summary>
    public ImmutableSortedDictionary<string, Tensor> Columns { get; private init; } = SideColumns.None;

    /// <summary>The side column of this name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Tensor this[string column] => Columns.Column(column);

    /// <summary>Number of examples.</summary>
    public int Count => (int)Inputs.size(0);

    /// <summary>The shape of one example's input.</summary>
    public long[] InputShape => Inputs.shape[1..];

    /// <summary>Whether the inputs are pictures: [count, 1, height, width] of grey ones, [count, 3, height, width] of coloured ones.</summary>
    public bool ArePictures => IsOfPictures(Inputs);

    /// <summary>Whether a tensor holds the pixels of pictures, each from 0 to 255.</summary>
    internal static bool AreBytesOfPictures(Tensor inputs) => inputs.dtype == ScalarType.Byte && IsOfPictures(inputs);

    static bool IsOfPictures(Tensor inputs) => inputs.ndim == 4 && inputs.size(1) is 1 or 3;

    /// <summary>The examples in a word: images, or examples.</summary>
    public string Kind => ArePictures ? "images" : "examples";

    /// <summary>The examples of a range, as views of these: <c>data.Train[..1000]</c>.</summary>
    public Split this[Range range]
    {
        get
        {
            var (start, length) = range.GetOffsetAndLength(Count);
            return Each(tensor => tensor.narrow(0, start, length));
        }
    }

    /// <summary>The examples at these places, copied, in their order.</summary>
    /// <param name="places">[n], int64.</param>
    public Split At(Tensor places) => Each(tensor => tensor.index_select(0, places));

    /// <summary>The same examples with a side column: teacher outputs, weights, masks, second views.</summary>
    /// <remarks>
    /// The column is cut along with the examples: augmentation, preparation and loss read it as <c>batch["teacher"]</c>. It is part of the hash by which a
    /// run knows its data. float64 becomes float32, as in <see cref="Of(Tensor, Tensor)"/>.
    /// </remarks>
    /// <example><c>data with { Train = data.Train.With("teacher", logits) }</c></example>
    /// <param name="column">Its name.</param>
    /// <param name="values">[count, …].</param>
    /// <exception cref="ArgumentException">There is not one row for each input, or the name is inputs, targets or empty.</exception>
    public Split With(string column, Tensor values) => this with { Columns = Columns.With(column, Float32(values), Inputs) };

    /// <inheritdoc cref="With(string, Tensor)"/>
    [OverloadResolutionPriority(1)]
    public Split With(string column, Array values) => With(column, OfArray(values, column, Float32));

    /// <summary>Fails unless there is one target, and one row of each column, for each input; <c>with</c> may change that.</summary>
    internal void Check()
    {
        Targets.WantOneForEach(Inputs, "targets");
        Columns.Check(Inputs);
    }

    /// <summary>The same change of inputs, targets and columns.</summary>
    internal Split Each(Func<Tensor, Tensor> change) => new(change(Inputs), change(Targets)) { Columns = Columns.Each(change) };

    /// <summary>Inputs, targets and columns, by name.</summary>
    internal IEnumerable<(string Name, Tensor Values)> Parts =>
        [("inputs", Inputs), ("targets", Targets), .. Columns.Select(column => (column.Key, column.Value))];

    /// <summary>The same examples on <paramref name="device"/>.</summary>
    public Split To(Device device) => Each(tensor => tensor.to(device));

    /// <summary>
    /// Examples as tensors, or as arrays of any number type and rank: <c>Split.Of(x, y)</c> of <c>double[,]</c> and <c>int[]</c>.
    /// </summary>
    /// <remarks>
    /// float64 becomes float32, which models compute in, and integers stay integers: bytes of pictures, ids. Whole-number targets, one an example, are labels
    /// and become int64. Inputs of one number an example, [count], become [count, 1]. A tensor that needs no change is used as it is.
    /// </remarks>
    /// <param name="inputs">[count, …].</param>
    /// <param name="targets">[count, …]: labels or numbers, as many as the inputs.</param>
    /// <exception cref="ArgumentException">There is not one target for each input, or an array holds no numbers or is jagged.</exception>
    public static Split Of(Tensor inputs, Tensor targets) => new(Inputs32(inputs), Labels64(targets));

    /// <inheritdoc cref="Of(Tensor, Tensor)"/>
    [OverloadResolutionPriority(1)] // TorchSharp makes a tensor of a vector, too, without a check of its numbers.
    public static Split Of(Array inputs, Array targets) => new(OfArray(inputs, nameof(inputs), Inputs32), OfArray(targets, nameof(targets), Labels64));

    /// <summary>Split: 60,000 images, inputs [60000, 1, 28, 28] Byte, targets [60000] Int64.</summary>
    public override string ToString() => Invariant($"Split: {Count:n0} {Kind}, inputs {Shown(Inputs)}, targets {Shown(Targets)}{Columns.Shown()}");

    internal static string Shown(Tensor tensor) => $"{Shapes.Show(tensor.shape)} {tensor.dtype}";

    // A tensor that needs no change is the caller's own, and stays in the caller's scope.
    static Tensor Inputs32(Tensor given)
    {
        using var scope = NewDisposeScope();
        var inputs = Float32(given);
        if (inputs.ndim == 1) inputs = inputs.unsqueeze(1);
        return ReferenceEquals(inputs, given) ? given : inputs.MoveToOuterDisposeScope();
    }

    static Tensor Labels64(Tensor given) =>
        given.ndim == 1 && given.dtype != ScalarType.Int64 && (given.is_integral() || given.dtype == ScalarType.Bool)
            ? given.to_type(ScalarType.Int64) : Float32(given);

    static Tensor Float32(Tensor given) => given.dtype == ScalarType.Float64 ? given.to_type(ScalarType.Float32) : given;

    static Tensor OfArray(Array array, string name, Func<Tensor, Tensor> changed)
    {
        using var scope = NewDisposeScope();
        return changed(OfNumbers(array, name)).MoveToOuterDisposeScope();
    }

    static Tensor OfNumbers(Array array, string name)
    {
        var element = array.GetType().GetElementType()!;
        return Type.GetTypeCode(element) switch
        {
            _ when element.IsArray => throw new ArgumentException(
                $"{name}: want a rectangular array such as float[,], got an array of arrays, {element.Name}[]; copy its rows into one.", name),
            TypeCode.Boolean or TypeCode.Byte or TypeCode.SByte or TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64 or TypeCode.Single or TypeCode.Double
                when !element.IsEnum => from_array(array),
            TypeCode.UInt16 or TypeCode.UInt32 or TypeCode.UInt64 when !element.IsEnum => tensor(Numbers(Convert.ToInt64)).reshape(Lengths()),
            TypeCode.Decimal => tensor(Numbers(Convert.ToSingle)).reshape(Lengths()),
            _ when element == typeof(Half) => from_array(array),
            _ => throw new ArgumentException($"{name}: want an array of numbers, got {element.Name}[]"
                + (element == typeof(string) ? "; give labels as 0, 1, 2, …, and their names to Dataset.Of."
                    : element == typeof(Tensor) ? "; make one tensor of them, by stack." : "."), name),
        };

        T[] Numbers<T>(Func<object, T> number) => [.. array.Cast<object>().Select(number)];
        long[] Lengths() => [.. Enumerable.Range(0, array.Rank).Select(axis => array.GetLongLength(axis))];
    }
}
