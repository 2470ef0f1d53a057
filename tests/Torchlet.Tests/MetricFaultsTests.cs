using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Figures that are reported are those of the examples, whatever a custom metric or augmentation does.</summary>
public class MetricFaultsTests
{
    Dataset Data { get; } = Tensors.SmallData(120, 60);

    [Fact]
    public void A_metric_gives_one_number_an_example()
    {
        Func<Tensor, Tensor, Tensor>[] wrong =
            [(y, _) => y.mean(), (y, t) => y.argmax(1).eq(t).to_type(ScalarType.Float32).mean(), (y, _) => y, (y, _) => y.sum([0]), (_, _) => null!];
        foreach (var of in wrong)
        {
            var recipe = Recipe with { Objective = Objective.Classify() with { Metrics = [new("hit", of)] } };
            var error = Assert.Throws<ArgumentException>(() => Training.Epochs(recipe, Data).Count());
            Assert.StartsWith("metric hit: want one number an example, [50], got ", error.Message);
        }
        var right = Recipe with { Objective = Objective.Classify() with { Metrics = [Metric.Accuracy, new("hit", (y, t) => y.argmax(1).eq(t))] } };
        var row = Training.Epochs(right, Data).First();
        Assert.Equal(row.TestAccuracy, row.Test["hit"]);
    }

    [Theory, InlineData("loss"), InlineData("Loss"), InlineData(""), InlineData("a,b"), InlineData("a\"b"), InlineData("a\nb"), InlineData("a b"),
        InlineData("learning_rate"), InlineData("a/b"), InlineData("é")]
    public void A_name_that_a_log_or_a_picture_cannot_have_is_refused(string name)
    {
        Metric metric = new(name, (y, _) => y.argmax(1));
        Assert.StartsWith("metric: want a name of letters a to z", Assert.Throws<ArgumentException>(() => new Objective(Losses.CrossEntropy, metric)).Message);
        Assert.Throws<ArgumentException>(() => Objective.Regress() with { Metrics = [metric] });
    }

    [Fact]
    public void Two_metrics_of_one_name_are_refused() => Assert.Contains("got Accuracy twice",
        Assert.Throws<ArgumentException>(() => Objective.Classify() with { Metrics = [new("Accuracy", Metric.Accuracy.Of!), Metric.Accuracy] }).Message);

    /// <summary>The step learns from what the augmentation gives, so the loss is the mean over that: each example twice leaves it as it is.</summary>
    [Theory, InlineData(2), InlineData(3)]
    public void The_train_loss_is_the_mean_over_the_examples_that_were_seen(int views)
    {
        Batch Repeated(Batch batch, TorchRandom random) =>
            new(cat([.. Enumerable.Repeat(batch.Inputs, views)]), cat([.. Enumerable.Repeat(batch.Targets, views)]));
        var (once, more) = (Training.Epochs(Recipe, Data).ToList(), Training.Epochs(Recipe with { Augment = Repeated }, Data).ToList());
        foreach (var (a, b) in once.Zip(more)) Assert.Equal(a.TrainLoss, b.TrainLoss, 1e-5);
        var half = Training.Epochs(Recipe with { Augment = (batch, _) => new(batch.Inputs[..10], batch.Targets[..10]) }, Data).First();
        Assert.InRange(half.TrainLoss, once[0].TrainLoss * 0.8, once[0].TrainLoss * 1.2);
    }

    [Fact]
    public void What_a_function_of_the_script_does_not_return_is_said()
    {
        var recipe = Recipe with { Objective = new((_, _) => null!) };
        var error = Assert.Throws<ArgumentException>(() => Training.Epochs(recipe, Data).Count());
        Assert.StartsWith("loss: want one number an example, [50], got null", error.Message);
    }

    [Fact]
    public void Numbers_that_are_not_finite_in_the_data_are_not_blamed_on_the_learning_rate()
    {
        using var scope = NewDisposeScope();
        string Message(Dataset data) => Assert.Throws<DivergenceException>(() => Training.Epochs(Recipe, data).Count()).Message;
        var inputs = Data.Train.Inputs.clone();
        inputs[3, 4] = float.NaN;
        var (train, test) = (Data.Train with { Inputs = inputs }, Data.Test with { Inputs = full_like(Data.Test.Inputs, float.NaN) });
        Assert.EndsWith("since the inputs hold NaN or infinity; fill in or take out those examples.", Message(Data with { Train = train }));
        Assert.StartsWith("epoch 1, test set: the loss is NaN, since the inputs", Message(Data with { Test = test }));
        var diverging = Recipe with { Optimizer = Optimizers.Sgd(1e30) };
        Assert.Contains("train again with a smaller one", Assert.Throws<DivergenceException>(() => Training.Epochs(diverging, Data).Count()).Message);
    }

    static Recipe Recipe => new(Dense(8) >> Relu >> Dense(10), Objective.Classify(), Optimizers.Adam(1e-2)) { Epochs = 2, BatchSize = 50 };
}
