#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Digits without the noise on them: an autoencoder that is shown noisy images and learns the clean ones. Vincent et al. 2008.
//   dotnet run run.cs -- scripts/gallery/denoising_autoencoder.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/denoising_autoencoder.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

static Tensor Noisy(Tensor x, Func<long[], Tensor> normal) => (x + 0.5 * normal(x.shape)).clamp(0, 1);

return Script.Run(Args, new GalleryConfig { Epochs = 10 }, run =>
{
    run = Gallery.On(run);
    var model = Conv(16, 3, padding: 1) >> Relu >> Conv(16, 3, padding: 1) >> Relu >> Conv(1, 3, padding: 1) >> Sigmoid;
    var objective = Objective.Of((model, batch) =>
        (model.Apply(Noisy(batch.Inputs, shape => model.Normal(shape))) - batch.Inputs).square().mean([1, 2, 3]));
    var recipe = new Recipe(model, objective, Adam(2e-3)) { BatchSize = 128 };
    foreach (var training in Gallery.Train(run, "", new Variant("conv net", recipe, Published.TestLoss(""))))
    {
        using var scope = NewDisposeScope();
        var clean = run.Data.Test[..Math.Min(100, run.Data.Test.Count)].To(CPU);
        var noisy = Noisy(Batches.Floats(clean.Inputs), shape => TorchRandom.Seeded(1).Normal(shape).Numbers);
        var again = training.Best().ToModel().To(CPU).Apply(noisy);
        var file = training.Folder.PathOf("denoised.png");
        AtomicFile.Write(file, ContactSheet.Png([.. new[] { noisy, again }.Select(x => clean with { Inputs = (x * 255).to(uint8) }), clean]));
        WriteLine($"Noisy, denoised and clean digits: {Notice.Shown(file)}");
    }
});
