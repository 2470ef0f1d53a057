using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>The first lines that somebody with data of their own writes.</summary>
public sealed class FirstLinesTests : IDisposable
{
    readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    static float[,] Inputs(int count, int columns = 4)
    {
        var inputs = new float[count, columns];
        for (var i = 0; i < count; i++) inputs[i, 0] = i % 3;
        return inputs;
    }

    static int[] Labels(int count, int classes = 3) => [.. Enumerable.Range(0, count).Select(i => i % classes)];

    static Split Of(int count) => Split.Of(Inputs(count), Labels(count));

    static string Message(Action action) => Assert.Throws<ArgumentException>(action).Message;

    static string Refused(Split train, params string[] classes) => Message(() => Dataset.Of("mine", train, Of(6), [.. classes]));

    static Epoch Trained(Dataset data) => Training.Epochs(new TrainConfig { Epochs = 1, BatchSize = 4 }.Recipe(data), data).Single();

    [Fact]
    public void Arrays_of_any_number_type_become_tensors_that_a_model_takes()
    {
        Assert.Equal(ScalarType.Float32, Split.Of(new double[,] { { 1, 2 } }, Labels(1)).Inputs.dtype);
        Assert.Equal(ScalarType.Float32, Split.Of(new decimal[] { 1, 2 }, Labels(2)).Inputs.dtype);
        Assert.Equal(ScalarType.Float32, Split.Of(Inputs(2), new double[] { 1, 2 }).Targets.dtype);
        Assert.Equal(ScalarType.Byte, Split.Of(new byte[,,,] { { { { 1, 2 }, { 3, 4 } } } }, Labels(1)).Inputs.dtype);
        Assert.Equal(ScalarType.Int32, Split.Of(new int[,] { { 1, 2 } }, Labels(1)).Inputs.dtype);
        var large = Split.Of(new uint[,] { { 1, uint.MaxValue } }, new ushort[] { 3 });
        Assert.Equal((ScalarType.Int64, uint.MaxValue, 3L), (large.Inputs.dtype, large.Inputs[0, 1].item<long>(), large.Targets.item<long>()));
        Assert.All(new Array[] { new[] { 1 }, new byte[] { 1 }, new short[] { 1 }, new[] { true } },
            targets => Assert.Equal((ScalarType.Int64, 1L), (Split.Of(Inputs(1), targets).Targets.dtype, Split.Of(Inputs(1), targets).Targets.item<long>())));
    }

    [Fact]
    public void Tensors_are_taken_as_they_are_where_they_fit()
    {
        var (x, y) = (zeros(5, 4), zeros(5, ScalarType.Int64));
        var split = Split.Of(x, y);
        Assert.True(ReferenceEquals(x, split.Inputs) && ReferenceEquals(y, split.Targets));
        var changed = Split.Of(zeros(5, ScalarType.Float64), zeros(5, ScalarType.Bool));
        Assert.Equal((ScalarType.Float32, 2, ScalarType.Int64), (changed.Inputs.dtype, changed.Inputs.ndim, changed.Targets.dtype));
        Assert.Equal(5, Split.Of(x, Labels(5)).Count);
        Assert.False(x.IsInvalid);
    }

    [Fact]
    public void A_split_of_arrays_keeps_nothing_but_its_tensors()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var split = Split.Of(new double[,] { { 1, 2 } }, new[] { 1 });
        Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(1, split.Count);
    }

    [Fact]
    public void Classes_without_names_are_called_as_their_labels()
    {
        var data = Dataset.Of("mine", Split.Of(Inputs(12), Labels(12)), Split.Of(Inputs(8), Labels(8, classes: 4)));
        Assert.Equal(["0", "1", "2", "3"], data.Classes);
        Assert.True(double.IsFinite(Trained(data).TestLoss));
        Assert.Empty(Dataset.Of("mine", Split.Of(Inputs(3), new[] { 1f, 2, 3 }), Split.Of(Inputs(3), new[] { 1f, 2, 3 })).Classes);
    }

    [Fact]
    public void A_split_has_one_target_for_each_input_however_it_is_made()
    {
        const string message = "targets: want 100, one for each input, got 99.";
        Assert.StartsWith(message, Message(() => Split.Of(Inputs(100), Labels(99))));
        Assert.StartsWith(message, Message(() => _ = new Split(zeros(100, 4), zeros(99, ScalarType.Int64))));
        var data = Dataset.Of("mine", Of(100), Of(6));
        Assert.StartsWith(message, Message(() => Trained(data with { Train = data.Train with { Targets = data.Train.Targets[..99] } })));
        Assert.Contains("got a single number", Message(() => Split.Of(tensor(1f), tensor(1))));
    }

    [Fact]
    public void What_is_wrong_with_data_is_said_in_one_line_when_they_are_made()
    {
        var nan = Inputs(6);
        nan[3, 1] = float.NaN;
        Assert.Contains("rectangular array such as float[,]", Message(() => Split.Of(new float[][] { [1, 2], [3, 4] }, Labels(2))));
        Assert.Contains("give labels as 0, 1, 2", Message(() => Split.Of(Inputs(2), new[] { "cat", "dog" })));
        Assert.Contains("mine: training inputs: example 3 (from 0) has NaN", Refused(Split.Of(nan, Labels(6))));
        var infinite = Split.Of(Inputs(2), new[] { 0, float.PositiveInfinity });
        Assert.Contains("mine: training targets: example 1 (from 0) has NaN", Message(() => Dataset.Of("mine", infinite, infinite)));
        Assert.Contains("mine: want training examples, got none", Refused(Of(6)[..0]));
        Assert.Contains("mine: test inputs: want those of the training examples, [5] Float32 each, got [4] Float32",
            Refused(Split.Of(Inputs(6, 5), Labels(6))));
        Assert.Contains("[4] Byte each, got [4] Float32", Refused(Split.Of(new byte[6, 4], Labels(6))));
        Assert.Contains("labels: want 0 to 1, since 2 classes have names, got 2", Refused(Of(6), "a", "b"));
        Assert.Contains("got -1 to 2; number the classes from 0", Refused(Split.Of(Inputs(3), new[] { -1, 0, 1 })));
        Assert.Contains("got 0 to 2,000,000,000", Refused(Split.Of(Inputs(3), new[] { 0, 1, 2_000_000_000 })));
        var (floats, oneHot) = (Split.Of(Inputs(2), new[] { 0f, 1 }), Split.Of(Inputs(2), new[,] { { 0L, 1 }, { 1, 0 } }));
        Assert.Contains("give int[] or long[]", Message(() => Dataset.Of("mine", floats, floats, "a", "b")));
        Assert.Contains("call argmax(1) on one-hot ones", Message(() => Dataset.Of("mine", oneHot, oneHot, "a", "b")));
        Assert.Contains("train with Objective.Regress()", Message(() => Trained(Dataset.Of("mine", floats, floats))));
    }
}
