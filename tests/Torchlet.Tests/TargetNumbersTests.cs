using System.Globalization;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Tables whose label column holds numbers to predict: <c>--target numbers</c>.</summary>
public sealed class TargetNumbersTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string In(string file) => Path.Combine(folder.Path, file);

    // Prices of a hundred thousand and more, which depend on the width alone.
    string Houses(int count = 60)
    {
        File.WriteAllLines(In("houses.csv"), ["width,age,target",
            .. Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"{i * 37 % 100},{i * 11 % 7},{150_000 + 900.5 * (i * 37 % 100)}"))]);
        return In("houses.csv");
    }

    static TrainConfig Config(string data) =>
        new() { Data = data, Target = "numbers", Epochs = 20, BatchSize = 4, Hidden = [16], LearningRate = 0.02, Activation = "tanh" };

    [Fact]
    public void The_label_column_is_read_as_numbers()
    {
        using var scope = NewDisposeScope();
        var data = Datasets.Load(Config(Houses()));
        Assert.Equal(("48,1 Float32", "12,1", "", 1), ($"{string.Join(',', data.Train.Targets.shape)} {data.Train.Targets.dtype}",
            string.Join(',', data.Test.Targets.shape), string.Join(',', data.Classes), data.Outputs));
        var all = cat([data.Train.Targets, data.Test.Targets]);
        Assert.Equal((150_000, 150_000 + 900.5f * 99), (all.min().item<float>(), all.max().item<float>()));
        Assert.Matches(@"^the numbers in column target are predicted \(mean \S+, deviation \S+\), the loss is counted in deviations, "
            + "predictions and mae in the column's unit; a fifth of the rows held out for the test$", data.Note);
    }

    [Fact]
    public void A_network_predicts_in_the_targets_unit_and_its_loss_is_counted_in_deviations()
    {
        using var scope = NewDisposeScope();
        var (config, data) = (Config(Houses()), Datasets.Load(Config(Houses())));
        var recipe = config.Recipe(data);
        var scale = TargetScale.Of(data.Train.Targets);
        Assert.Equal($"Dense(16).As(\"fc1\") >> Tanh >> Dense(1).As(\"fc2\") >> {scale.Layer.Text}", recipe.Model.Text);
        Assert.Equal("2-16-1", recipe.Model.Title(recipe.Net(data)));
        Assert.Equal(FormattableString.Invariant($"Scaled(squared_error, {scale.Deviation})"), recipe.Text["objective"]);
        var rows = Training.Epochs(recipe, data).ToList();
        Assert.InRange(rows[0].TrainLoss, 0.05, 3);
        Assert.InRange(rows[^1].Test["mae"], 1, 10_000);
        var model = rows[^1].State!.Model(recipe.Net(data));
        var error = (model.Apply(data.Test.Inputs) - data.Test.Targets).abs().mean().item<float>();
        Assert.Equal(error, rows[^1].Test["mae"], 0.5);
        Assert.Equal(Losses.SquaredError(model.Apply(data.Test.Inputs) / scale.Deviation, data.Test.Targets / scale.Deviation).mean().item<float>(),
            rows[^1].TestLoss, 1e-5);
        // The same steps as on targets that are standardised beforehand.
        Split Standard(Split split) => new(split.Inputs, (split.Targets - scale.Mean) / scale.Deviation);
        var plain = recipe with { Model = Mlp.Layer([16], Tanh, 1), Objective = Objective.Regress() };
        var standard = Dataset.Of("standard", Standard(data.Train), Standard(data.Test));
        Assert.Equal(Training.Epochs(plain, standard).First().TrainLoss, rows[0].TrainLoss, 1e-3);
    }

    [Theory, InlineData(null, "squared_error"), InlineData("mse", "squared_error"), InlineData("mae", "absolute_error")]
    public void The_loss_of_numbers_is_chosen_by_name(string? loss, string wanted)
    {
        var config = Config(Houses());
        if (loss is not null) config = config with { Loss = loss };
        using var scope = NewDisposeScope();
        Assert.Contains($"({wanted}, ", config.Recipe(Datasets.Load(config)).Text["objective"]);
    }

    [Theory]
    [InlineData("--target numbers --loss cross_entropy", "--loss cross_entropy goes with --target classes only, and --target is numbers.")]
    [InlineData("--target numbers --loss nll", "--loss nll goes with --target classes only, and --target is numbers.")]
    [InlineData("--loss mse", "--loss mse goes with --target numbers only, and --target is classes.")]
    [InlineData("--target numbers --label-smoothing 0.1", "--label-smoothing goes with --loss cross_entropy only, and --loss is mse.")]
    [InlineData("--target numbrs", "--target numbrs: want classes or numbers; did you mean numbers?")]
    public void Options_without_effect_are_refused(string arguments, string message)
    {
        Assert.Equal(message, Assert.Throws<CommandLineException>(() => CommandLine.Parse(arguments.Split(' '), new TrainConfig())).Message);
        if (!arguments.StartsWith("--target numbers --loss")) return;
        var config = new TrainConfig { Target = "numbers", Loss = arguments.Split(' ')[^1] };
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => OptionRule.Checked(config)).Message);
    }

    [Theory]
    [InlineData("target,a\n1,2\nx,3\n", "has the target 'x' in example 2; want a finite number")]
    [InlineData("target,a\n1,2\n1e50,3\n", "has the target '1e50' in example 2; want a finite number")]
    [InlineData("target,a\n1,2\nNaN,3\n", "has the target 'NaN' in example 2; want a finite number")]
    [InlineData("target,a\n1,2\n,3\n", "line 3 has an empty label")]
    [InlineData("target,a\n5,2\n5,3\n", "has the number 5 in every row of column target; want different numbers to predict")]
    [InlineData("target,a\n5,2\n", "has one row; want different numbers to predict")]
    public void What_is_wrong_with_numbers_is_one_line(string text, string because)
    {
        File.WriteAllText(In("t.csv"), text);
        var message = Assert.Throws<TorchletException>(() => Datasets.Load(Config(In("t.csv")))).Message;
        Assert.StartsWith(In("t.csv"), message);
        Assert.Contains(because, message);
    }

    [Fact]
    public void A_table_of_numbers_that_is_read_as_classes_is_told_of_the_option()
    {
        foreach (var count in new[] { 20, 1200 })
        {
            File.WriteAllLines(In("t.csv"), ["target,a", .. Enumerable.Range(0, count).Select(i => $"{i}.5,{i}")]);
            Assert.EndsWith("; --target numbers predicts numbers", Assert.Throws<TorchletException>(() => Datasets.Load(In("t.csv"))).Message.TrimEnd('.'));
        }
        File.WriteAllLines(In("t.csv"), ["target,a", "cat,1", "dog,2", "dog,3"]);
        Assert.DoesNotContain("numbers", Assert.Throws<TorchletException>(() => Datasets.Load(In("t.csv"))).Message);
    }

    [Fact]
    public void Other_data_have_no_numbers_to_predict()
    {
        OwnFiles.Pictures(In("pictures"), 2, "a", "b");
        Assert.Equal($"--target numbers: {In("pictures")} is no table; name a .csv, or leave the option out.",
            Assert.Throws<TorchletException>(() => Datasets.Load(Config(In("pictures")))).Message);
    }

    [Fact]
    public void Scripts_train_on_numbers_resume_export_and_predict_them()
    {
        var table = Houses();
        var arguments = $"--data {table} --target numbers --batch-size 4 --lr 0.02 --hidden 8 --plain";
        var whole = InProcess.Run("scripts/02_train_cross_entropy.csx",
            $"{arguments} --epochs 3 --validation 0.2 --out {In("whole")} --save-onnx {In("net.onnx")} --save-pt {In("net.pt")}");
        Assert.Equal((0, ""), (whole.ExitCode, whole.Error));
        Assert.Contains("; the numbers in column target are predicted (mean ", whole.Output);
        Assert.Contains("Model: 2-8-1 sigmoid, 33 parameters", whole.Output);
        Assert.Contains(" | Test mae: ", whole.Output);
        Assert.Contains("No draw.html: the network takes (2,), and drawings are square grey pictures.", whole.Output);
        Assert.StartsWith("epoch,train_loss,test_loss,seconds,test_mae,validation_loss,validation_mae", File.ReadAllText(Path.Combine(In("whole"), "log.csv")));
        Assert.All(new[] { "loss.png", "mae.png", "best.safetensors" }, file => Assert.True(File.Exists(Path.Combine(In("whole"), file)), file));
        Assert.Contains("\"loss\": \"mse\"", File.ReadAllText(Path.Combine(In("whole"), "config.json")));

        // Two epochs and then the third, to the bit.
        Assert.Equal(0, InProcess.Run("scripts/02_train_cross_entropy.csx", $"{arguments} --epochs 2 --validation 0.2 --out {In("parts")}").ExitCode);
        var resumed = InProcess.Run("scripts/02_train_cross_entropy.csx", $"--resume {In("parts")} --epochs 3 --plain");
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        Assert.Equal(Weights.Read(Path.Combine(In("whole"), "best.safetensors")).Arrays.Select(a => a.Values.ToArray()),
            Weights.Read(Path.Combine(In("parts"), "best.safetensors")).Arrays.Select(a => a.Values.ToArray()));

        // The table that it was trained on has a test part; another one is predicted whole.
        var test = InProcess.Run("scripts/01_infer_pretrained.csx", $"--data {table} --weights {In("whole")} --split test --out {In("test")}");
        Assert.Equal((0, ""), (test.ExitCode, test.Error));
        Assert.Contains("Predictions for 12 examples: ", test.Output);
        var lines = File.ReadAllLines(Path.Combine(In("test"), "predictions.csv"));
        Assert.Equal((13, "index,target,prediction"), (lines.Length, lines[0]));
        double Field(string line, int at) => double.Parse(line.Split(',')[at], CultureInfo.InvariantCulture);
        var error = lines[1..].Average(line => Math.Abs(Field(line, 1) - Field(line, 2)));
        var logged = Weights.Read(Path.Combine(In("whole"), "best.safetensors")).Metadata["test_mae"];
        Assert.Equal(double.Parse(logged, CultureInfo.InvariantCulture), error, 1);
        File.WriteAllLines(In("new.csv"), ["age,width", "3,50", "1,20"]);
        var predicted = InProcess.Run("scripts/01_infer_pretrained.csx", $"--data {In("new.csv")} --weights {In("whole")} --draw true --out {In("new")}");
        Assert.Equal((0, ""), (predicted.ExitCode, predicted.Error));
        Assert.Contains("No draw.html: ", predicted.Output);
        Assert.Equal("index,prediction", File.ReadLines(Path.Combine(In("new"), "predictions.csv")).First());
        Assert.True(File.ReadAllBytes(In("net.onnx")).AsSpan().IndexOf("predictions"u8) > 0);
    }

    [Fact]
    public void A_scale_is_one_number_after_the_other_and_never_zero()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(new(3, 1), TargetScale.Of(tensor(new[] { 3f, 3, 3 })));
        Assert.Equal(new(2, 1), TargetScale.Of(tensor(new[] { 1f, 3 }).unsqueeze(1)));
        Assert.Equal("Rescale(1234.57, offset: -0.333333)", new TargetScale(-0.333333, 1234.57).Layer.Text);
        Assert.Equal("Rescale(1E+20, offset: 3)", LayerText.Parse("Rescale(1E+20, offset: 3)").Text);
        var (model, x) = ((Dense(3) >> Rescale(2, 5)).Fit(4).Init(TorchRandom.Seeded(0)).Model, Tensors.Normal(1, 6, 4));
        var (dense, _) = Dense(3).Fit(4).Init(TorchRandom.Seeded(0));
        Tensors.AssertClose(dense.Apply(x) * 2 + 5, model.Apply(x), 1e-6);
        var batch = new Batch(x, zeros(6, 3));
        var wanted = Backpropagation.ValueAndGrad(dense, batch, (y, t) => Losses.SquaredError(y * 2 + 5, t)).Gradient;
        Assert.True(model.Net.HasPullback);
        Tensors.AssertClose(wanted, Backpropagation.ValueAndGrad(model, batch, Losses.SquaredError).Gradient, 1e-5);
    }
}
