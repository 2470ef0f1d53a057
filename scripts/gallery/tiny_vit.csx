#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Two small vision transformers, and what the positions of the patches are worth. Dosovitskiy et al. 2020, arXiv:2010.11929.
//   dotnet run run.cs -- scripts/gallery/tiny_vit.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/tiny_vit.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

const int Width = 64;

static Layer Block() => Residual(Each(LayerNorm()) >> Attention(heads: 4))
    >> Residual(Each(LayerNorm() >> Dense(2 * Width) >> Gelu >> Dense(Width)));

// 49 patches of 4 × 4 pixels, each as 16 numbers.
var patches = Reshape(7, 4, 7, 4) >> Permute(0, 2, 1, 3) >> Reshape(49, 16);

Layer Vit(Layer positions) =>
    patches >> Each(Dense(Width)) >> positions >> Block() >> Block() >> Mean(0) >> LayerNorm() >> Dense(10);

return Gallery.Run(Args, new GalleryConfig { Epochs = 3 }, "", data =>
[
    .. from variant in new[] { ("with positions", Positional()), ("without", Identity) }
       let recipe = new Recipe(Vit(variant.Item2), Objective.Classify(), AdamW(2e-3)) { BatchSize = 128 }
       select new Variant(variant.Item1, recipe, Published.TestAccuracy("")),
]);
