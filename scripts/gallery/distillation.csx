#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// A small net that learns from the scores of a large one, and one that learns from the labels alone. Hinton et al. 2015, arXiv:1503.02531.
//   dotnet run run.cs -- scripts/gallery/distillation.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/distillation.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

const double Temperature = 4;

// The teacher's scores ride next to the examples. Cross-entropy of both distributions, at the temperature, and of the labels.
static Tensor Distilled(ModelPass model, Batch batch)
{
    var soft = -(Softmax(batch["teacher"] / Temperature) * nn.functional.log_softmax(model.Output() / Temperature, 1)).sum(1);
    return 0.7 * Temperature * Temperature * soft + 0.3 * CrossEntropy(model.Output(), batch.Targets);
}

return Script.Run(Args, new GalleryConfig { Epochs = 10 }, run =>
{
    run = Gallery.On(run);
    var large = Conv(16, 3, padding: 1) >> Relu >> MaxPool(2) >> Conv(32, 3, padding: 1) >> Relu >> MaxPool(2) >> Flatten >> Dense(64) >> Relu >> Dense(10);
    var recipe = new Recipe(large, Objective.Classify(), Adam(1e-3)) { BatchSize = 128, Epochs = 3 };
    var teacher = Training.Epochs(recipe, run.Data, stop: run.Stop) | ConsoleReport.Plain | Enumerable.Last;
    using var scope = NewDisposeScope();
    Split Taught(Split split) => split.With("teacher", Scores(teacher.State!.Model(large.Fit(1, 28, 28)).To(split.Inputs.device), split));

    run = run.On(run.Data with { Train = Taught(run.Data.Train), Test = Taught(run.Data.Test) });
    var small = new Recipe(Dense(32) >> Relu >> Dense(10), Objective.Classify(), Adam(1e-3)) { BatchSize = 128 };
    Gallery.Train(run, "",
        new Variant("from labels", small, Published.TestAccuracy("")),
        new Variant("from the teacher", small with { Objective = Objective.Of(Distilled, Metric.Accuracy) with { Evaluation = CrossEntropy } },
            Published.TestAccuracy("")));
});

static Tensor Scores(Model model, Split split) =>
    cat([.. Batches.Ranges(split.Count, 1000).Select(range => model.Apply(Batches.Floats(Batches.Cut(split, range).Inputs)))]);
