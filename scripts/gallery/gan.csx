#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// A generator learns to draw digits that a critic takes for real ones. Goodfellow et al. 2014, arXiv:1406.2661.
//   dotnet run run.cs -- scripts/gallery/gan.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/gan.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

const int Z = 64; // Numbers that a digit is drawn from.

var gan = Custom("Gan", m =>
{
    m.Layer("generator", Dense(256) >> BatchNorm() >> Relu >> Dense(512) >> BatchNorm() >> Relu >> Dense(28 * 28) >> Sigmoid, Z);
    var critic = m.Layer("critic", Flatten >> Dense(256) >> LeakyRelu >> Dropout(0.3) >> Dense(1), m.Input);
    return (critic.Output, (pass, x) => pass.Apply(critic, x));
});

static Tensor Drawn(ModelPass model, Batch batch) => model.Apply(model.Part("generator"), model.Normal([batch.Count, Z])).view_as(batch.Inputs);

// −log σ(logit) for "real", −log σ(−logit) for "drawn".
static Tensor Cost(Tensor logits) => nn.functional.softplus(logits).squeeze(1);

var critic = new Player("critic", (model, batch) => Cost(-model.Apply(batch.Inputs)) + Cost(model.Apply(Drawn(model, batch).detach())));
var generator = new Player("generator", (model, batch) => Cost(-model.Apply(Drawn(model, batch))));

return Script.Run(Args, new GalleryConfig { Epochs = 30 }, run =>
{
    run = Gallery.On(run);
    var recipe = new Recipe(gan, Objective.Play(critic, generator), Adam(2e-4, beta1: 0.5)) { BatchSize = 128 };
    foreach (var training in Gallery.Train(run, "", new Variant("gan", recipe, Published.TestLoss(""))))
    {
        using var scope = NewDisposeScope();
        var (noise, _) = TorchRandom.Seeded(1).Normal([100, Z]);
        var drawn = (training.Last().Part("generator").Apply(noise) * 255).to(uint8).view(-1, 1, 28, 28);
        AtomicFile.Write(training.Folder.PathOf("drawn.png"), ContactSheet.Png(new Split(drawn.cpu(), zeros(100)), run.Data.Test[..100].To(CPU)));
        WriteLine($"Drawn digits next to real ones: {Notice.Shown(training.Folder.PathOf("drawn.png"))}");
    }
});
