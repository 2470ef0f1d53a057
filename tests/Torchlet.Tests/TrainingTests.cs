using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class TrainingTests
{
    static readonly TrainConfig Config = new() { Epochs = 3, BatchSize = 64, Hidden = [20], LearningRate = 1e-2 };

    static Recipe RecipeOf(Dataset data, Loss? loss = null) => Config.Recipe(data) with { Objective = Objective.Classify(loss) };

    [Fact]
    public void A_step_leaves_the_state_that_it_starts_from_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = Tensors.SmallMlp();
        var recipe = new Recipe(Mlp.Layer([5, 4], Layers.Sigmoid, 3), Objective.Classify(), Optimizers.Adam(0.1));
        var state = new TrainingState(model, OptimizerState.Of(recipe.Optimizer, ParameterVector.Of(model)), TorchRandom.Seeded(1));
        var before = state.Tensors.Select(t => t.clone()).ToList();
        var batch = new Batch(Tensors.Normal(1, 9, 6), Tensors.Labels(2, 9, 3));

        var next = Training.Step(recipe, state, batch);

        Assert.Equal(3, before.Count);
        foreach (var (want, got) in before.Zip(state.Tensors)) Tensors.AssertClose(want, got, 0);
        Assert.True((next.Model.Flat - model.Flat).abs().max().item<float>() > 0.01);
        Assert.Equal(1, next.Optimizer.Step);
        Assert.Equal(Losses.CrossEntropy(model.Apply(batch.Inputs), batch.Targets).sum().Number(), next.Losses!.Numbers().Single(), 1e-4);
    }

    [Fact]
    public void It_learns()
    {
        var data = Tensors.SmallData();
        var epochs = Training.Epochs(RecipeOf(data) with { Epochs = 30 }, data).ToList();
        Assert.Equal(Enumerable.Range(1, 30), epochs.Select(e => e.Index));
        Assert.True(epochs[^1].TestAccuracy > 0.8, $"{epochs[^1]}");
    }

    [Fact]
    public void Its_steps_lead_where_the_run_leads()
    {
        var data = Tensors.SmallData();
        var recipe = RecipeOf(data);
        float[] last = [];
        foreach (var step in Training.Steps(recipe, data)) last = step.State.Model.Flat.data<float>().ToArray();
        Assert.Equal(Training.Epochs(recipe, data).Last().State!.Parameters.ToArray(), last);
    }

    [Fact]
    public void Nothing_is_trained_before_its_row_is_asked_for()
    {
        var (data, losses) = (Tensors.SmallData(), 0);
        Tensor Counted(Tensor z, Tensor y) { losses++; return Losses.CrossEntropy(z, y); }
        var epochs = Training.Epochs(RecipeOf(data, Counted), data);
        Assert.Equal(0, losses);
        var once = epochs.First();
        Assert.Equal(32 + 8, losses);
        Assert.Equal(once.TestLoss, epochs.First().TestLoss);
    }

    [Fact]
    public void Asked_to_stop_it_ends_after_the_batch_at_hand_and_leaves_no_tensor_behind()
    {
        var (data, batches) = (Tensors.SmallData(), 0);
        var before = Tensors.Live;
        using var source = new CancellationTokenSource();
        Tensor Stopping(Tensor z, Tensor y)
        {
            if (++batches == 45) source.Cancel(); // An epoch is 32 batches of training and 8 of the test.
            return Losses.CrossEntropy(z, y);
        }
        var rows = Training.Epochs(RecipeOf(data, Stopping), data, stop: source.Token).GetEnumerator();
        Assert.True(rows.MoveNext());
        Assert.Throws<OperationCanceledException>(() => rows.MoveNext());
        Assert.Equal((45, before), (batches, Tensors.Live));
    }

    [Theory, InlineData(float.NaN, "NaN"), InlineData(float.PositiveInfinity, "Infinity"), InlineData(float.NegativeInfinity, "-Infinity")]
    public void A_loss_that_is_no_finite_number_ends_it_and_says_where(float value, string shown)
    {
        var (data, batches) = (Tensors.SmallData(), 0);
        var before = Tensors.Live;
        // An epoch is 32 batches of training and 8 of the test.
        Tensor Wrong(Tensor z, Tensor y) => ++batches == 45 ? Losses.CrossEntropy(z, y).mul(tensor(value)) : Losses.CrossEntropy(z, y);
        var rows = Training.Epochs(RecipeOf(data, Wrong), data).GetEnumerator();
        Assert.True(rows.MoveNext());
        var error = Assert.Throws<DivergenceException>(() => rows.MoveNext());
        Assert.Equal(($"epoch 2, batch 5: the loss is {shown} at learning rate 0.01; train again with a smaller one.", 40 + 32), (error.Message, batches));
        Assert.Equal(before, Tensors.Live);
    }

    [Fact]
    public void A_test_loss_that_is_no_finite_number_ends_it_too()
    {
        var (data, batches) = (Tensors.SmallData(), 0);
        var before = Tensors.Live;
        Tensor Wrong(Tensor z, Tensor y) => ++batches > 72 ? Losses.CrossEntropy(z, y).mul(tensor(float.NaN)) : Losses.CrossEntropy(z, y);
        var rows = Training.Epochs(RecipeOf(data, Wrong), data).GetEnumerator();
        Assert.True(rows.MoveNext());
        var error = Assert.Throws<DivergenceException>(() => rows.MoveNext());
        Assert.StartsWith("epoch 2, test set: the loss is NaN at learning rate 0.01", error.Message);
        Assert.Equal(before, Tensors.Live);
    }

    [Fact]
    public void A_study_may_train_on_with_a_loss_that_overflows()
    {
        static Tensor Overflowing(Tensor z, Tensor y) => Losses.CrossEntropy(z, y).mul(tensor(float.PositiveInfinity));
        var data = Tensors.SmallData();
        var epochs = Training.Epochs(RecipeOf(data, Overflowing) with { AllowNonFinite = true }, data).ToList();
        Assert.Equal(3, epochs.Count);
        Assert.All(epochs, e => Assert.False(double.IsFinite(e.TrainLoss)));
    }

    [Theory, InlineData(0), InlineData(45)]
    public void A_loss_that_throws_leaves_no_tensor_behind(int at)
    {
        var (data, batches) = (Tensors.SmallData(), 0);
        var before = Tensors.Live;
        Tensor Failing(Tensor z, Tensor y) => batches++ == at ? throw new InvalidOperationException("a bug") : Losses.CrossEntropy(z, y);
        Assert.Throws<InvalidOperationException>(() => Training.Epochs(RecipeOf(data, Failing), data).ToList());
        Assert.Equal(before, Tensors.Live);
    }

    [Fact]
    public void A_run_ended_early_or_whole_leaves_no_tensor_behind()
    {
        var data = Tensors.SmallData();
        var before = Tensors.Live;
        Training.Epochs(RecipeOf(data), data).ToList();
        Assert.Equal(before, Tensors.Live);
        _ = Training.Epochs(RecipeOf(data, Losses.NllOfLogSoftmax), data).First();
        Assert.Equal(before, Tensors.Live);
    }

    [Fact]
    public void The_network_of_an_epoch_leaves_nothing_but_itself()
    {
        var data = Tensors.SmallData();
        var recipe = RecipeOf(data);
        var epoch = Training.Epochs(recipe, data).First();
        var before = Tensors.Live;
        epoch.State!.Model(recipe.Net(data)).Flat.Dispose();
        Assert.Equal(before, Tensors.Live);
    }
}
