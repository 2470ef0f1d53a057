#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Digits from two numbers each: a variational autoencoder, and the map of all digits that it learns. Kingma and Welling 2013, arXiv:1312.6114.
//   dotnet run run.cs -- scripts/gallery/vae.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/vae.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

const int Z = 2;

var vae = Custom("Vae", m =>
{
    var encoder = m.Layer("encoder", Flatten >> Dense(256) >> Relu >> Dense(128) >> Relu >> Dense(2 * Z), m.Input);
    var decoder = m.Layer("decoder", Dense(128) >> Relu >> Dense(256) >> Relu >> Dense(28 * 28), Z);
    return ([28 * 28 + 2 * Z], (pass, x) =>
    {
        var code = pass.Apply(encoder, x);
        var sample = pass.IsTraining ? code[.., ..Z] + pass.Normal([x.size(0), Z]) * (0.5 * code[.., Z..]).exp() : code[.., ..Z];
        return cat([pass.Apply(decoder, sample), code], 1);
    });
});

ModelLoss reconstruction = (model, batch) =>
    nn.functional.binary_cross_entropy_with_logits(model.Output()[.., ..^(2 * Z)], batch.Inputs.flatten(1), reduction: nn.Reduction.None).sum(1);

ModelLoss kl = (model, batch) =>
{
    var (mean, logVar) = (model.Output()[.., ^(2 * Z)..^Z], model.Output()[.., ^Z..]);
    return 0.5 * (mean.square() + logVar.exp() - logVar - 1).sum(1);
};

return Script.Run(Args, new GalleryConfig { Epochs = 30 }, run =>
{
    run = Gallery.On(run);
    var recipe = new Recipe(vae, Objective.Sum(("reconstruction", reconstruction), ("kl", kl)), Adam(1e-3)) { BatchSize = 128 };
    foreach (var training in Gallery.Train(run, "", new Variant("two numbers", recipe, Published.TestLoss(""))))
    {
        using var scope = NewDisposeScope();
        var side = linspace(-2, 2, 10);
        var map = training.Best().ToModel().Part("decoder").Apply(cartesian_prod([side, side])) | Sigmoid;
        var (file, digits) = (training.Folder.PathOf("map.png"), (map * 255).to(uint8).view(-1, 1, 28, 28).cpu());
        AtomicFile.Write(file, ContactSheet.Png(new Split(digits, zeros(100))));
        WriteLine($"What the decoder draws of each place on the plane: {Notice.Shown(file)}");
    }
});
