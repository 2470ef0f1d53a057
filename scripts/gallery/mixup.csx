#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Training on mixtures of two images and of their labels. Zhang et al. 2017, arXiv:1710.09412.
//   dotnet run run.cs -- scripts/gallery/mixup.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/mixup.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

// Cross-entropy against a distribution over the classes.
static Tensor Soft(Tensor logits, Tensor targets) => -(targets * nn.functional.log_softmax(logits, 1)).sum(1);

static Batch Mixed(Batch batch, TorchRandom random)
{
    // Uniform shares, λ ~ Beta(1, 1), and any other example of the batch.
    var (share, next) = random.Uniform([batch.Count], 0, 1);
    var other = TorchRandom.Permutation(batch.Count, next.Int64().Number);
    Tensor Mix(Tensor x, Tensor λ) => λ * x + (1 - λ) * x[other];
    return new(Mix(Batches.Floats(batch.Inputs), share.view(-1, 1, 1, 1)), Mix(nn.functional.one_hot(batch.Targets, 10).@float(), share.view(-1, 1)));
}

return Gallery.Run(Args, new GalleryConfig { Epochs = 20 }, "", data =>
{
    var model = Dense(256) >> Relu >> Dense(256) >> Relu >> Dense(10);
    var plain = new Recipe(model, Objective.Classify(), Adam(1e-3)) { BatchSize = 128 };
    return
    [
        new("plain", plain, Published.TestAccuracy(""), Published.TestLoss("")),
        new("mixup", plain with { Augment = Mixed, Objective = Objective.Classify(Soft, evaluation: CrossEntropy) },
            Published.TestAccuracy(""), Published.TestLoss("")),
    ];
}, first: 5000);
