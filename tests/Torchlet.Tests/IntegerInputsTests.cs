using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Bytes of pictures become brightness; all other integers reach the first layer as they are.</summary>
public class IntegerInputsTests
{
    /// <summary>PyTorch's nn.Embedding over [length] ids, their mean.</summary>
    static Layer Bag(int words) => Custom("Bag", m =>
    {
        var table = m.Weight("table", [words, 4]);
        return ([4], (pass, x) => pass[table].index_select(0, x.to_type(ScalarType.Int64).flatten()).view(x.size(0), -1, 4).mean([1]));
    });

    [Theory, InlineData(ScalarType.Byte), InlineData(ScalarType.Int64), InlineData(ScalarType.Int32)]
    public void Ids_reach_a_layer_that_looks_them_up(ScalarType type)
    {
        using var scope = NewDisposeScope();
        // The class is told by the words: those of one are even, those of the other odd.
        Split Ids(int seed, int count)
        {
            var labels = arange(count) % 2;
            return new((Tensors.Labels(seed, count * 5, 20).view(count, 5) * 2 + labels.unsqueeze(1)).to_type(type), labels);
        }
        var data = Dataset.Of("words", Ids(1, 200), Ids(2, 50), "even", "odd");
        foreach (var front in new[] { Identity, Flatten })
        {
            var recipe = new Recipe(front >> Bag(40) >> Dense(2), Objective.Classify(), Optimizers.Adam(0.05)) { Epochs = 5, BatchSize = 20 };
            Assert.Equal(1, Training.Epochs(recipe, data).Last().TestAccuracy);
        }
        Assert.Equal(type, Objective.Classify().Prepare(Batches.Cut(data.Train, ..2)).Inputs.dtype);
    }

    [Fact]
    public void Only_bytes_of_pictures_are_scaled()
    {
        using var scope = NewDisposeScope();
        Tensor Prepared(params long[] shape) => Objective.Regress().Prepare(new(full(shape, 51, ScalarType.Byte), zeros(2))).Inputs;
        foreach (var picture in new long[][] { [2, 1, 3, 4], [2, 3, 3, 4] }) Tensors.AssertClose(full(picture, 0.2f), Prepared(picture), 1e-7);
        foreach (var other in new long[][] { [2, 784], [2, 3], [2, 2, 3, 4], [2, 28, 28], [2] }) Assert.Equal(ScalarType.Byte, Prepared(other).dtype);
    }

    [Fact]
    public void Integer_columns_are_numbers_to_the_library_s_layers()
    {
        var (x, y) = (new long[,] { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 700, 8 } }, new float[] { 1, 2, 3, 4 });
        var (ints, floats) = (Split.Of(x, y), new Split(Split.Of(x, y).Inputs.to_type(ScalarType.Float32), Split.Of(x, y).Targets));
        double Last(Split split, Layer model) => Training.Epochs(new(model, Objective.Regress(), Optimizers.Adam(1e-3)) { BatchSize = 2 },
            Dataset.Of("table", split, split)).Last().TestLoss;
        foreach (var model in new[] { Dense(3) >> Tanh >> Dense(1), LayerNorm() >> Dense(1), Residual(Dense(2)) >> Dense(1) })
            Assert.Equal(Last(floats, model), Last(ints, model));
    }

    [Fact]
    public void Other_bytes_are_refused_where_they_could_be_pixels_or_numbers()
    {
        using var scope = NewDisposeScope();
        var split = new Split(full([4, 20], 200, ScalarType.Byte), arange(4));
        var recipe = new Recipe(Dense(4), Objective.Classify(), Optimizers.Adam(1e-3));
        var error = Assert.Throws<ArgumentException>(() => Training.Epochs(recipe, Dataset.Of("bytes", split, split)).Count());
        Assert.StartsWith("layer 0, Dense(4): want float numbers, got bytes of shape [4, 20]: Batches.Floats(x) makes pixels of them", error.Message);
        var scaled = recipe with { Objective = recipe.Objective with { Prepare = batch => batch with { Inputs = Batches.Floats(batch.Inputs) } } };
        Assert.Equal(10, Training.Epochs(scaled, Dataset.Of("bytes", split, split)).Count());
    }

    [Theory]
    [InlineData("price", "100", "250.5", true), InlineData("digit", "0", "1", false)]
    [InlineData("name", "cat", "dog", true), InlineData("even", "0", "2", true)]
    public void Labels_that_stand_for_something_else_are_no_numbers_to_regress_on(string name, string first, string second, bool isRefused)
    {
        var split = Split.Of(new float[,] { { 1 }, { 2 }, { 3 } }, new long[] { 1, 0, 1 });
        var data = Dataset.Of(name, split, split, first, second);
        Objective[] regressions =
        [
            Objective.Regress(), new(Losses.SquaredError), new(Losses.AbsoluteError), Objective.Regress((y, t) => (y[.., 0] - t).abs()),
            Objective.Regress() with { Prepare = batch => batch with { Inputs = batch.Inputs / 3 } },
            Objective.Regress() with { Prepare = batch => batch with { Targets = batch.Targets.to_type(ScalarType.Float32) } },
        ];
        foreach (var objective in regressions)
        {
            var recipe = new Recipe(Dense(1), objective, Optimizers.Adam(1e-3)) { Epochs = 1 };
            if (!isRefused)
            {
                Assert.Single(Training.Epochs(recipe, data));
                continue;
            }
            var error = Assert.Throws<TorchletException>(() => Training.Epochs(recipe, data));
            Assert.Equal($"{name}: {objective.Text} compares numbers, and the targets are labels: 0 to 1 stand for {first}, {second}; "
                + "give the numbers themselves with Dataset.Of, or classify.", error.Message);
        }
        // The inputs, or numbers of the script's own, are other targets.
        var objectives = new[] { Objective.Reconstruct, Objective.Regress() with { Prepare = batch => batch with { Targets = batch.Targets * 5 + 2 } } };
        foreach (var objective in objectives) Assert.Single(Training.Epochs(new(Dense(1), objective, Optimizers.Adam(1e-3)) { Epochs = 1 }, data));
        Assert.Single(Training.Epochs(new(Dense(2), new((y, t) => Losses.CrossEntropy(y, t)), Optimizers.Adam(1e-3)) { Epochs = 1 }, data));
    }

    [Fact]
    public void Flat_pixels_of_a_npz_are_pictures_and_ids_are_not()
    {
        using var folder = new TemporaryFolder();
        Dataset Of(int columns, int brightest)
        {
            byte[] Rows(int seed) => [.. Enumerable.Range(0, 6 * columns).Select(i => (byte)((i * 7 + seed) % (brightest + 1)))];
            byte[] labels = [0, 1, 0, 1, 0, 1];
            return Datasets.Load(OwnFiles.Npz(Path.Combine(folder.Path, $"{columns}-{brightest}.npz"), ("x_train", "|u1", $"6, {columns}", Rows(1)),
                ("y_train", "|u1", "6,", labels), ("x_test", "|u1", $"6, {columns}", Rows(2)), ("y_test", "|u1", "6,", labels)));
        }
        Assert.Equal([6, 1, 10, 10], Of(100, 255).Train.Inputs.shape);
        Assert.Equal([6, 1, 10, 10], Of(100, 255).Test.Inputs.shape);
        foreach (var ids in new[] { Of(100, 99), Of(99, 255), Of(49, 255) })
            Assert.Equal((2L, ScalarType.Byte), (ids.Train.Inputs.ndim, ids.Train.Inputs.dtype));
    }
}
