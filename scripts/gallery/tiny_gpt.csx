#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// A small causal transformer that learns a text letter by letter, and continues it. Radford et al. 2018; Karpathy, nanoGPT.
//   dotnet run run.cs -- scripts/gallery/tiny_gpt.csx [--data book.txt --epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/tiny_gpt.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

const int Width = 96;

static Layer Block() => Residual(Each(LayerNorm()) >> Attention(heads: 4, causal: true) >> Dropout(0.1))
    >> Residual(Each(LayerNorm() >> Dense(4 * Width) >> Gelu >> Dense(Width) >> Dropout(0.1)));

return Script.Run(Args, new GalleryConfig { Epochs = 30 }, run =>
{
    run = Gallery.OnText(run);
    var (tokens, objective) = (run.Data.Classes.Length, Objective.Classify() with { Metrics = [Metric.Accuracy, Metric.Perplexity] });
    var model = Embedding(tokens, Width, Initializer.Normal(0.02)) >> Positional() >> Block() >> Block() >> Each(LayerNorm() >> Dense(tokens));
    var recipe = new Recipe(model, objective, Chain(ClipByGlobalNorm(1), AdamW(2e-3))) { BatchSize = 32 };

    foreach (var training in Gallery.Train(run, "", new Variant("gpt", recipe, Published.TestLoss(""))))
    {
        using var scope = NewDisposeScope();
        var vocabulary = run.Data.Vocabulary!;
        var prompt = vocabulary.Text(run.Data.Test.Inputs[0][..20].data<long>());
        var (text, _) = vocabulary.Sample(training.Best().ToModel(), prompt, 400, TorchRandom.Seeded(1), temperature: 0.7);
        AtomicFile.Write(training.Folder.PathOf("sample.txt"), System.Text.Encoding.UTF8.GetBytes(text));
        WriteLine($"After \"{prompt.ReplaceLineEndings(" ")}\":\n{text[prompt.Length..]}");
    }
});
