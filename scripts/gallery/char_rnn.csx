#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// An LSTM that learns a text letter by letter, and continues it. Karpathy 2015, The unreasonable effectiveness of recurrent neural networks.
//   dotnet run run.cs -- scripts/gallery/char_rnn.csx [--data book.txt --epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/char_rnn.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

return Script.Run(Args, new GalleryConfig { Epochs = 30 }, run =>
{
    run = Gallery.OnText(run);
    var (tokens, objective) = (run.Data.Classes.Length, Objective.Classify() with { Metrics = [Metric.Accuracy, Metric.Perplexity] });
    var model = Embedding(tokens, 48) >> Recurrent(Lstm(192), sequence: true) >> Each(Dense(tokens));
    var recipe = new Recipe(model, objective, Chain(ClipByGlobalNorm(1), Adam(3e-3))) { BatchSize = 32 };

    foreach (var training in Gallery.Train(run, "", new Variant("lstm", recipe, Published.TestLoss(""))))
    {
        using var scope = NewDisposeScope();
        var vocabulary = run.Data.Vocabulary!;
        var prompt = vocabulary.Text(run.Data.Test.Inputs[0][..20].data<long>());
        var (text, _) = vocabulary.Sample(training.Best().ToModel(), prompt, 400, TorchRandom.Seeded(1), temperature: 0.7);
        AtomicFile.Write(training.Folder.PathOf("sample.txt"), System.Text.Encoding.UTF8.GetBytes(text));
        WriteLine($"After \"{prompt.ReplaceLineEndings(" ")}\":\n{text[prompt.Length..]}");
    }
});
