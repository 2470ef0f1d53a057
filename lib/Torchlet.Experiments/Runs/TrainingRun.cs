using static TorchSharp.torch;

namespace Torchlet;

/// <summary>One training of a run, from one seed, and the stages that its epochs pass through.</summary>
/// <example><c>training.Epochs() | Clock.Time | training.Display | training.Log | training.KeepBest | training.Draw</c></example>
public sealed class TrainingRun
{
    readonly TrainConfig? options;
    readonly CancellationToken stop;
    readonly LiveDisplay display;

    internal TrainingRun(RunFolder folder, CancellationToken stop)
    {
        (Folder, Recipe, this.stop) = (folder, folder.Recipe ?? throw new InvalidOperationException("The run has no recipe; give run.Train a recipe."), stop);
        options = folder.Config as TrainConfig;
        display = LiveDisplay.For(folder.Config!, Recipe.Epochs);
    }

    /// <summary>The folder of the training.</summary>
    public RunFolder Folder { get; }

    /// <summary>The recipe that is trained.</summary>
    public Recipe Recipe { get; }

    /// <summary>The epochs, each trained when it is asked for. A resumed run continues after its last finished epoch.</summary>
    /// <exception cref="InvalidOperationException">The training has run already.</exception>
    public IEnumerable<Epoch> Epochs() => Folder.Figures.Rows > Folder.Finished.Rows.Length
        ? throw new InvalidOperationException("This training has run already; its model is run.Best().")
        : Training.Epochs(Recipe, Folder.Data!, Folder.Finished.State, stop, display);

    /// <summary>Shows each epoch on the terminal.</summary>
    public IEnumerable<Epoch> Display(IEnumerable<Epoch> epochs) => display.Show(epochs);

    /// <summary>Writes each epoch to log.csv: <see cref="CsvLog.To(RunFolder)"/>.</summary>
    public IEnumerable<Epoch> Log(IEnumerable<Epoch> epochs) => epochs | CsvLog.To(Folder);

    /// <summary>Writes best.safetensors whenever an epoch is the best so far: <see cref="Checkpoint.KeepBest"/>.</summary>
    public IEnumerable<Epoch> KeepBest(IEnumerable<Epoch> epochs) => epochs | Checkpoint.KeepBest(Folder);

    /// <summary>Writes last.checkpoint after each epoch, if the options have --resume: <see cref="Checkpoint.KeepLast(RunFolder)"/>.</summary>
    public IEnumerable<Epoch> KeepLast(IEnumerable<Epoch> epochs) => Folder.Config is IResumable ? epochs | Checkpoint.KeepLast(Folder) : epochs;

    /// <summary>Ends the training when the loss has not improved for --patience epochs: <see cref="Torchlet.EarlyStop.After"/>.</summary>
    public IEnumerable<Epoch> EarlyStop(IEnumerable<Epoch> epochs) => epochs | Torchlet.EarlyStop.After(options?.Patience, Folder.Finished.Rows);

    /// <summary>Writes each epoch for TensorBoard, with --tensorboard: <see cref="Torchlet.TensorBoard.To"/>.</summary>
    public IEnumerable<Epoch> TensorBoard(IEnumerable<Epoch> epochs) => epochs | Torchlet.TensorBoard.To(Folder, when: options?.Tensorboard ?? false);

    /// <summary>The last stage: takes every epoch, then draws loss.png and the other pictures, and draw.html, a page to draw digits on.</summary>
    /// <returns>The figures of every epoch, also of those before the run was resumed.</returns>
    public IReadOnlyList<Epoch> Draw(IEnumerable<Epoch> epochs)
    {
        var rows = epochs | Plots.Curves(Folder);
        if (Folder.HasDrawPage) DrawPage.Write(Folder);
        return rows;
    }

    /// <summary>Writes the best weights to the files that --save-pt and --save-onnx name.</summary>
    public void Export()
    {
        if (options?.SavePt is { } pt) Checkpoint.SaveTorch(pt, Folder);
        if (options?.SaveOnnx is { } onnx) Checkpoint.SaveOnnx(onnx, Folder);
    }

    /// <summary>Trains with all stages, exports, and prints the best test loss.</summary>
    /// <inheritdoc cref="Draw" path="/returns"/>
    public IReadOnlyList<Epoch> Train()
    {
        var epochs = Epochs() | Clock.Time | Display | Log | KeepBest | KeepLast | EarlyStop | TensorBoard | Draw;
        Export();
        Console.WriteLine(ConsoleReport.Best(epochs));
        return epochs;
    }

    /// <summary>The folder of the training.</summary>
    public override string ToString() => $"{Folder}";

    /// <summary>The model with the best weights of the training.</summary>
    /// <exception cref="TorchletException">There are none: no epoch has ended, or the stage KeepBest was left out.</exception>
    public TrainedModel Best()
    {
        var data = Folder.Data!;
        var saved = Weights.Load(Folder.PathOf(Checkpoint.Best), Recipe.Model, [.. data.Train.InputShape]);
        return new(saved, Recipe.Objective, Recipe.BatchSize, data.Train.Inputs.device);
    }

    /// <summary>
    /// The model after the last epoch, for a training whose figures do not tell which epoch is the best, such as that of a GAN. The caller's scope owns it.
    /// </summary>
    /// <exception cref="TorchletException">There is none: no epoch has ended, or the stage KeepLast was left out.</exception>
    public Model Last()
    {
        using var scope = NewDisposeScope();
        var (net, data) = (Recipe.Net(Folder.Data!), Folder.Data!);
        return Checkpoint.Snapshot(Folder.PathOf(Checkpoint.Last), Folder, net).Model(net).To(data.Train.Inputs.device).MoveToOuterDisposeScope();
    }
}

/// <summary>A trained model that answers. It holds its numbers in managed memory, so there is nothing to dispose.</summary>
/// <param name="Saved">The weights.</param>
/// <param name="Objective">What the model was trained for; it prepares the inputs.</param>
/// <param name="BatchSize">Examples at a time.</param>
/// <param name="Device">Where the model computes.</param>
public sealed record TrainedModel(SavedModel Saved, Objective Objective, int BatchSize, Device Device)
{
    /// <summary>TrainedModel: 784-50-100-10 sigmoid, 45,360 parameters, trained for cross_entropy.</summary>
    public override string ToString() => $"TrainedModel: {Saved.Layer.Headline(Saved.Net)}, trained for {Objective.Text}";

    /// <summary>The model on the device; the caller's scope owns it. It takes inputs as the objective prepares them.</summary>
    public Model ToModel()
    {
        using var scope = NewDisposeScope();
        return Saved.ToModel().To(Device).MoveToOuterDisposeScope();
    }

    /// <summary>The outputs for inputs as they are in the data, such as bytes of pictures: the objective prepares them.</summary>
    /// <param name="inputs">[count, …].</param>
    /// <returns>[count, …].</returns>
    public Tensor Apply(Tensor inputs)
    {
        using var scope = NewDisposeScope();
        var there = inputs.to(Device);
        var batch = Objective.Prepare(new(there, zeros(there.size(0), ScalarType.Int64, Device)));
        return ToModel().Apply(batch.Inputs).MoveToOuterDisposeScope();
    }

    /// <summary>The prediction of a classifier for each example, with its probability.</summary>
    /// <exception cref="InvalidOperationException">The model does not classify.</exception>
    public IReadOnlyList<Prediction> Predict(Split split)
    {
        if (!Objective.IsClassification) throw new InvalidOperationException($"The model was trained for {Objective.Text} and does not classify; use Apply.");
        using var scope = NewDisposeScope();
        return [.. Inference.Predictions(ToModel(), split.To(Device), Objective, BatchSize)];
    }

    /// <summary>Share of the examples that are classified right, in [0, 1].</summary>
    public double Accuracy(Split split) => Inference.Accuracy(Predict(split));

    /// <summary>Mean loss and metrics of the objective.</summary>
    public Evaluation Evaluate(Split split)
    {
        using var scope = NewDisposeScope();
        return Metrics.Evaluate(ToModel(), split.To(Device), Objective, BatchSize);
    }
}

/// <summary>The runs within a run: one for each of its seeds, or for each variant and seed.</summary>
static class SeedRuns
{
    /// <summary>
    /// The run itself; or with --seeds one run for each seed, in a folder within the run's, <c>seed-0</c>. Each of these is the run that <c>--seed</c>
    /// alone would make. It is finished when the next one is asked for, and continued when the whole run is resumed.
    /// </summary>
    /// <remarks>After the last seed the whole run gets log.csv, all rows with <c>seed</c> in front, and pictures of the means and ranges.</remarks>
    public static IEnumerable<RunFolder> Each(RunFolder whole) => whole.HoldsRuns ? OfSeeds(whole) : [whole];

    static IEnumerable<RunFolder> OfSeeds(RunFolder whole)
    {
        var rows = new List<(long Seed, Epoch Epoch)>();
        var seeds = ((LearningConfig)whole.Config!).Seeds;
        foreach (var (seed, run) in Within(whole, seeds, RunPlaces.OfSeed, seed => NewRun.OfSeed(whole, seed), seed => $"Seed: {seed}"))
        {
            yield return run;
            rows.AddRange(TrainingLog.Read(run).SelectMany(epochs => epochs).Select(epoch => (seed, epoch)));
        }
        CsvLog.Seeds(whole, rows);
        Plots.Draw(whole);
        Console.WriteLine(ConsoleReport.Best(rows.GroupBy(row => row.Seed, row => row.Epoch)));
    }

    /// <summary>The runs within a run, one for each part. Each is begun or continued when it is asked for, and finished when the next one is.</summary>
    /// <param name="whole">The run that holds them.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="name">The name of a part's folder.</param>
    /// <param name="begin">Begins or continues a part's run.</param>
    /// <param name="title">The line that is printed for a part.</param>
    public static IEnumerable<(T Part, RunFolder Run)> Within<T>(
        RunFolder whole, IEnumerable<T> parts, Func<T, string> name, Func<T, RunFolder> begin, Func<T, string> title)
    {
        foreach (var part in parts)
        {
            var wasFinished = RunStatus.Of(whole.PathOf(name(part))) == RunStatus.Finished;
            var run = begin(part);
            whole.Runs?.Add(run, wasFinished && run.Ended is not null ? null : run.Options); // A part that was finished before has its line.
            RunHeader.PrintPart(run, title(part));
            yield return (part, run);
            if (whole.Runs is { } runs) runs.Finish(run);
            else run.Dispose();
        }
    }
}
