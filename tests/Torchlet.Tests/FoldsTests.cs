using static TorchSharp.torch;

namespace Torchlet.Tests;

public class FoldsTests
{
    [Theory, InlineData(true), InlineData(false)]
    public void Each_example_is_tested_once_and_classes_are_dealt_evenly(bool labelled)
    {
        using var scope = NewDisposeScope();
        // 7 examples of class 0, 16 of class 1.
        var labels = arange(23).ge(7).to_type(ScalarType.Int64);
        var split = new Split(arange(23).unsqueeze(1), labelled ? labels : labels.to_type(ScalarType.Float32));
        var data = Dataset.Of("mine", split, split[..3]);
        var folds = data.Folds(4, seed: 2);
        Assert.Equal(4, folds.Count);
        Assert.Equal(Enumerable.Range(0, 23).Select(i => (double)i), folds.SelectMany(fold => fold.Test.Inputs.Numbers()).Order());
        foreach (var fold in folds)
        {
            double[] train = fold.Train.Inputs.Numbers(), test = fold.Test.Inputs.Numbers();
            Assert.Equal(Enumerable.Range(0, 23).Select(i => (double)i), train.Concat(test).Order());
            Assert.Equal(train.Order(), train);
            Assert.InRange(test.Length, 5, 6);
            if (labelled) Assert.InRange(test.Count(i => i < 7), 1, 2);
            Assert.NotSame(data.Train, fold.Train);
        }
        Assert.Equal("fold 1 of 4 of the training examples as the test", folds[0].Note);
        Assert.Equal(folds[1].Test.Inputs.Numbers(), data.Folds(4, seed: 2)[1].Test.Inputs.Numbers());
        Assert.NotEqual(folds[1].Test.Inputs.Numbers(), data.Folds(4, seed: 3)[1].Test.Inputs.Numbers());
    }

    [Theory, InlineData(1), InlineData(24)]
    public void A_number_of_folds_out_of_range_is_refused(int k)
    {
        using var scope = NewDisposeScope();
        var split = new Split(arange(23).unsqueeze(1), arange(23));
        Assert.Equal($"k: want 2 to 23, got {k}. (Parameter 'k')", Assert.Throws<ArgumentException>(() => Dataset.Of("mine", split, split).Folds(k)).Message);
    }

    [Fact]
    public void Several_figures_have_a_mean_and_a_deviation()
    {
        Assert.Equal(new MeanDeviation(2, 1, 3), MeanDeviation.Of(1, 2, 3));
        Assert.Equal(("2 ± 1", "5", double.NaN), ($"{MeanDeviation.Of(1, 2, 3)}", $"{MeanDeviation.Of(5)}", MeanDeviation.Of(5).Deviation));
        Assert.Throws<ArgumentException>(() => MeanDeviation.Of());
    }
}
