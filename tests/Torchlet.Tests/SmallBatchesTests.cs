using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>
/// A batch norm learns nothing from one value of a channel, whose variance is none. PyTorch's refuses it too, in Python and so not in TorchSharp: "Expected
/// more than 1 value per channel when training".
/// </summary>
public class SmallBatchesTests
{
    [Theory]
    [InlineData(51, 50), InlineData(3, 1), InlineData(1, 50), InlineData(101, 100)]
    public void A_training_batch_of_one_is_refused_before_the_training(int count, int size)
    {
        var data = AnyModelTests.Pictures(train: count);
        var within = Custom("Own", m => m.Layer("norm", BatchNorm(), m.Input) is var n ? (n.Output, (pass, x) => pass.Apply(n, x)) : default);
        foreach (var norm in new[] { BatchNorm(), Residual(BatchNorm() >> Relu), within })
        {
            var recipe = Recipe(Flatten >> Dense(5) >> norm >> Dense(4), size);
            var error = Assert.Throws<TorchletException>(() => Training.Epochs(recipe, data)); // Not enumerated.
            Assert.Matches($@"^.*: {count} training examples in batches of \d+ leave a batch of 1, from which a layer cannot learn \(.*BatchNorm\(\): "
                + @"want more than one value of each channel in training, got \[1, 5\]\); choose another batch size\.$", error.Message);
        }
    }

    [Fact]
    public void Other_batches_of_one_are_fine()
    {
        var data = AnyModelTests.Pictures(train: 51);
        Assert.Single(Training.Epochs(Recipe(Conv(3, 3) >> BatchNorm() >> Relu >> Flatten >> Dense(4), 50), data)); // A picture has many places.
        Assert.Single(Training.Epochs(Recipe(Flatten >> Dense(5) >> LayerNorm() >> Dense(4), 50), data));
        var validated = AnyModelTests.Pictures(train: 53).Hold(1); // Evaluated in batches of one.
        Assert.Single(Training.Epochs(Recipe(Flatten >> Dense(5) >> BatchNorm() >> Dense(4), 26), validated with { Test = validated.Test[..1] }));
    }

    [Fact]
    public void A_share_of_one_is_refused_too()
    {
        var (data, recipe) = (AnyModelTests.Pictures(train: 53), Recipe(Flatten >> Dense(5) >> BatchNorm() >> Dense(4), 50));
        Assert.Single(Training.Epochs(recipe, data));
        var shared = recipe with { Differentiate = new DataParallel(0, 2, vector => vector * 2).ValueAndGrad };
        Assert.Contains("leave a batch of 3 for 2 processes", Assert.Throws<TorchletException>(() => Training.Epochs(shared, data)).Message);
    }

    [Fact]
    public void What_is_wrong_with_any_batch_is_not_blamed_on_its_size()
    {
        var wrong = Custom("Wrong", m => (m.Input, (pass, x) => pass.IsTraining ? x.add(ones(7, 7)) : x));
        var error = Assert.Throws<ArgumentException>(() => Training.Epochs(Recipe(Flatten >> wrong >> Dense(4), 1), AnyModelTests.Pictures(train: 3)).Count());
        Assert.Contains("own(Wrong)", error.Message);
    }

    static Recipe Recipe(Layer model, int size) => new(model, Objective.Classify(), Optimizers.Sgd(0.01)) { Epochs = 1, BatchSize = size };
}
