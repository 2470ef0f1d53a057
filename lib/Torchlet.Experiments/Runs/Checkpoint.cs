using System.Collections.Immutable;
using System.Globalization;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The weights of a training run on disk.</summary>
public static class Checkpoint
{
    internal const string Best = "best.safetensors", Averaged = "averaged.safetensors";

    internal const string Last = "last.checkpoint";

    /// <summary>
    /// A stage that writes best.safetensors whenever the figure that epochs are judged by is better than it ever was in the run. Where the optimizer keeps an
    /// average of the parameters, the file holds the average; averaged.safetensors then has that of the last epoch.
    /// </summary>
    /// <remarks>The metadata say what the weights are: the model, its input, raw or averaged, what it was trained for and on, seed, epoch, losses.</remarks>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> KeepBest(RunFolder run) => epochs =>
        AtBest(epochs.Select(epoch => epoch.MarkedBy(EpochStage.KeepBest)) | Pipe.Tap<Epoch>(epoch =>
        {
            if (epoch.Averaged is not null) Save(run, epoch, Averaged);
        }), run, epoch => Save(run, epoch, Best));

    static void Save(RunFolder run, Epoch epoch, string file)
    {
        var (snapshot, data) = (run.StateOf(epoch).Kept(), run.Data!);
        var net = snapshot.Recipe!.Net(data);
        Weights.SaveSafetensors(run.PathOf(file), SavedModel.Arrays(net, snapshot), Metadata(epoch, snapshot.Recipe, net, data));
    }

    /// <summary>A stage that looks at an epoch whenever the figure that epochs are judged by is better than it ever was in the run.</summary>
    internal static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> AtBest(RunFolder run, Action<Epoch> look) => epochs => AtBest(epochs, run, look);

    static IEnumerable<Epoch> AtBest(IEnumerable<Epoch> epochs, RunFolder run, Action<Epoch> look)
    {
        var best = run.Finished.Rows.Select(e => e.Cost).DefaultIfEmpty(double.PositiveInfinity).Min();
        foreach (var epoch in epochs)
        {
            if (epoch.Cost < best)
            {
                best = epoch.Cost;
                look(epoch);
            }
            yield return epoch;
        }
    }

    /// <summary>
    /// A stage that writes last.checkpoint, from which <c>--resume</c> continues, after every epoch, once the stages before it are done with the epoch.
    /// </summary>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> KeepLast(RunFolder run) => epochs => KeepLast(epochs, run);

    /// <summary>The finished epochs of a run that is resumed. The log is cut to the epochs of the checkpoint.</summary>
    /// <exception cref="TorchletException">The checkpoint is damaged, of another version or another training, or the log lacks one of its epochs.</exception>
    internal static FinishedEpochs Read(RunFolder run)
    {
        var (checkpoint, log) = (run.PathOf(Last), LogFiles.Log.In(run.Folder));
        if (SystemFile.At(checkpoint, followLinks: false) is null)
        {
            TrainingLog.Discard(log, checkpoint);
            return FinishedEpochs.None;
        }
        var net = run.Recipe!.Net(run.Data!);
        CheckBest(run.PathOf(Best), run.Recipe, net); // Only if no later epoch is better is it the run's result, so a wrong one must show now.
        var state = Snapshot(checkpoint, run, net);
        ImmutableArray<Epoch> rows = [.. TrainingLog.Cut(log, state.Epoch).Select(epoch => epoch with { JudgedBy = run.Recipe.Objective.JudgedBy })];
        return new(rows, state with { Rows = rows });
    }

    /// <summary>Writes the best weights of a run as a PyTorch state dict with the names that they have: fc1.weight, fc1.bias, ….</summary>
    public static void SaveTorch(string path, RunFolder run) => Weights.SaveTorch(path, Weights.Read(run.PathOf(Best)).Arrays);

    /// <summary>Writes the best weights of a run, with their metadata, as an ONNX model: input [batch, …] ↦ probabilities [batch, classes].</summary>
    public static void SaveOnnx(string path, RunFolder run) => Weights.SaveOnnx(path, Weights.Read(run.PathOf(Best)));

    /// <summary>Fails unless the run's best weights are there and are those of this model and training, as far as the file says.</summary>
    static void CheckBest(string path, Recipe recipe, Net net)
    {
        if (!File.Exists(path)) throw new TorchletException($"{path}: it is missing; put it back, or train again without --resume.");
        var file = Weights.Read(path);
        if (!recipe.AllowNonFinite && file.Arrays.FirstOrDefault(a => a.Values.Span.ContainsAnyExceptInRange(float.MinValue, float.MaxValue)) is { } wrong)
            throw new TorchletException(
                $"{path}: {Printable.Of(wrong.Name)} holds numbers that are not finite; put the run's own back, or train again without --resume.");
        const string arrays = "arrays";
        var wanted = Origin(recipe).Append(new(arrays, Listed(net.Parameters.Concat(net.State).Select(s => $"{s.Name} {NamedArray.Show(s.Shape)}"))));
        var got = file.Metadata.SetItem(arrays, Listed(file.Arrays.Select(a => a.ToString())));
        // Files of before this was written hold the raw weights.
        if (!got.ContainsKey(SavedModel.WeightsKey)) got = got.Add(SavedModel.WeightsKey, SavedModel.Raw);
        foreach (var (what, value) in wanted)
            if (got.GetValueOrDefault(what, "unknown") is var was && was != value)
                throw new TorchletException(
                    $"{path}: it is not of this run, since its {what} {(what == arrays ? "are" : "is")} {Printable.Of(was)} and not {Printable.Of(value)}; "
                    + "put the run's own back, or train again without --resume.");

        static string Listed(IEnumerable<string> arrays) => string.Join(", ", arrays.Order(StringComparer.Ordinal));
    }

    /// <summary>The state in a run's checkpoint.</summary>
    /// <exception cref="TorchletException">The file is missing, damaged, or of another training.</exception>
    internal static Snapshot Snapshot(string path, RunFolder run, Net net)
    {
        var bytes = RegularFile.Bytes(path);
        try
        {
            var (state, about) = TrainingCheckpoint.Parse(bytes);
            foreach (var (name, value) in Decisive(run))
                if (about.TryGetValue(name, out var was) && was != value)
                    throw new TorchletException($"it is of another training, whose {name} is {Printable.Of(was)} and not {Printable.Of(value)}");
            var parts = run.Recipe!.Text;
            foreach (var part in Recipe.OptionalParts)
                if (about.GetValueOrDefault($"recipe.{part}", Recipe.None) is var was && parts.GetValueOrDefault(part, Recipe.None) is var now && was != now)
                    throw new TorchletException($"it is of another training, whose {part} is {Printable.Of(was)} and not {Printable.Of(now)}");
            CheckArrays(state, run.Recipe!, net);
            var wanted = (run.Recipe! with { Epochs = state.Epoch }).Steps(run.Data!);
            return state.Step == wanted ? state
                : throw new TorchletException($"it has made {state.Step} steps in {state.Epoch} epochs, and the training makes {wanted}");
        }
        catch (TorchletException e)
        {
            throw new TorchletException($"{path}: {e.Message}; put a good copy back, or train again without --resume.", e);
        }
    }

    /// <summary>Fails unless every array has the shape that the recipe gives it and the optimizer can use what it finds.</summary>
    static void CheckArrays(Snapshot state, Recipe recipe, Net net)
    {
        if (state.Parameters.Length != net.Count)
            throw new TorchletException($"it has {state.Parameters.Length} parameters, and the network {net.Count}");
        CheckShapes("layers", state.Layers, net.State.Select(s => s.Shape));
        using var scope = TorchSharp.torch.NewDisposeScope();
        var model = state.Model(net);
        CheckShapes("the optimizer", state.Moments, recipe.OptimizerState(model).Tensors.Select(t => t.shape.ToImmutableArray()));
        if (recipe.AllowNonFinite) return;
        // Moments of another optimizer may have the same shapes; a step shows whether they make sense. Of zeros, some optimizers have no direction.
        const float small = 0.01f;
        var before = TrainingState.Of(state, net, TorchSharp.torch.CPU).Optimizer;
        var gradient = TorchSharp.torch.ones_like(model.Flat).Times_(small);
        var updates = recipe.Turns(net, before).Select(turn => turn.Turn.Optimizer.Step(gradient, ParameterVector.Of(model), turn.State).Update);
        if (!state.Parameters.Concat(state.Layers.SelectMany(l => l.Numbers)).All(float.IsFinite)
            || !updates.All(update => update.Numbers<float>().All(float.IsFinite)))
            throw new TorchletException("it holds numbers that are not finite, or with which the optimizer comes to none");
    }

    static void CheckShapes(string whose, ImmutableArray<Values> there, IEnumerable<ImmutableArray<long>> wanted)
    {
        if (Shown(there.Select(values => values.Shape)) is var got && Shown(wanted) is var want && got != want)
            throw new TorchletException($"its states of {whose} have the shapes {Printable.Of(got)}, and the training's {Printable.Of(want)}");

        static string Shown(IEnumerable<ImmutableArray<long>> shapes) =>
            string.Join(" ", shapes.Select(NamedArray.Show)) is { Length: > 0 } text ? text : "none";
    }

    static IEnumerable<Epoch> KeepLast(IEnumerable<Epoch> epochs, RunFolder run)
    {
        var path = run.PathOf(Last);
        using var source = epochs.GetEnumerator();
        while (Next(source, path))
        {
            var epoch = source.Current.MarkedBy(EpochStage.KeepLast);
            AtomicFile.Write(path, TrainingCheckpoint.Bytes(run.StateOf(epoch), Decisive(run)));
            yield return epoch;
        }
    }

    /// <summary>Takes the next epoch; one who learns that there is none because training went astray wants to know what is left of it.</summary>
    static bool Next(IEnumerator<Epoch> epochs, string checkpoint)
    {
        try
        {
            return epochs.MoveNext();
        }
        catch (DivergenceException e)
        {
            throw new DivergenceException(
                $"{e.Message} {(File.Exists(checkpoint) ? $"The last good checkpoint is {checkpoint}." : "No checkpoint was written yet.")}", e);
        }
    }

    /// <summary>The options, data and parts of the recipe that a resumed training must have in common with the earlier one.</summary>
    static IEnumerable<KeyValuePair<string, string>> Decisive(RunFolder run)
    {
        // Where the options describe the recipe, they tell its numbers, all but those that the script replaced.
        var numbers = run.Recipe!.Numbers.Where(number => run.Config is not LearningConfig || run.Changed.ContainsKey(number.Key));
        return SavedRun.Decisive((RunConfig)run.Config!, run.Data!)
            .Concat(run.Recipe.Text.Concat(numbers).Select(part => KeyValuePair.Create($"recipe.{part.Key}", part.Value)));
    }

    static Dictionary<string, string> Metadata(Epoch epoch, Recipe recipe, Net net, Dataset data)
    {
        var metadata = new Dictionary<string, string>(Origin(recipe))
        {
            [SavedModel.InputKey] = string.Join(',', net.Input),
            ["objective"] = recipe.Objective.Text,
            ["data"] = data.Name,
            [SavedModel.ClassesKey] = SavedModel.ClassesText(data.Classes),
            ["epoch"] = $"{epoch.Index}",
            ["test_loss"] = Number(epoch.Kept.Loss),
        };
        foreach (var (name, value) in epoch.Kept.Metrics) metadata[$"test_{name}"] = Number(value);
        var prepare = Named.TextOf(recipe.Objective.Prepare);
        if (prepare != Named.TextOf(Objective.Brightness)) metadata[SavedModel.PrepareKey] = prepare;
        if (prepare != Named.Own && data.Train.ArePictures)
            metadata[PretrainedWeights.PixelsKey] = Split.AreBytesOfPictures(data.Train.Inputs) ? PretrainedWeights.UnitPixels : PretrainedWeights.OtherPixels;
        if (data.AreResized) metadata[PretrainedWeights.PicturesKey] = PretrainedWeights.CentreSquare;
        if (NewTable.Text(data) is { } table) metadata[NewTable.Key] = table;
        if (data.Vocabulary is { } vocabulary) metadata[TextFile.Key] = TextFile.Metadata(vocabulary, data);
        return metadata;

        static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The metadata of the training that the weights of all epochs have in common.</summary>
    static Dictionary<string, string> Origin(Recipe recipe) => new()
    {
        [SavedModel.ModelKey] = recipe.Model.Text, ["seed"] = $"{recipe.Seed}",
        [SavedModel.WeightsKey] = recipe.Optimizer.Average is null ? SavedModel.Raw : SavedModel.Averaged,
    };
}
