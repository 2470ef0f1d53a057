#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../run.cs" -- "$0" "$@"'
// Runs a pretrained network over MNIST and shows how well it does. With the book's weights and raw pixels: 92.52%.
// With --image, predicts your own pictures; with --data TABLE.csv, the rows of a new table.
//   dotnet run run.cs -- scripts/01_infer_pretrained.csx [--weights FILE|RUN --normalize true --split test …; --help]
//   dotnet script scripts/01_infer_pretrained.csx -- [options]   (after dotnet build lib/Csx)
#load "../lib/bin/torchlet.csx"
using Torchlet;

return Script.Run(Args, new InferConfig { Weights = "auto", Split = "train", BatchSize = 100 }, run =>
{
    var config = run.Config;
    var net = PretrainedWeights.Load(config, config.Image is null ? run.Data : null);
    var file = Path.GetFileName(net.Source);

    if (config.Image is { } image)
    {
        var drawings = Drawings.Read(config, net, run.Stop);
        Begin($"{file} on {Path.GetFileName(Path.GetFullPath(image))}");
        var answers = DrawingAnswer.Each(net.Model.To(run.Device), drawings, net.Classes, config.BatchSize, net.Divisor);
        foreach (var answer in answers | CsvLog.Drawings(run.Folder)) WriteLine(answer);
        DrawingPlots.Draw(run.Folder);
        Export();
        return;
    }

    var (data, model) = (run.Data, net.Model.To(run.Device));
    Begin($"{file} on {data.Name}" + (data.AreNew ? "" : $", {config.Split} split"));
    var examples = config.Split == "train" ? data.Train : data.Test;
    if (net.IsRegression || !data.AreLabelled || data.Vocabulary is not null)
    {
        var summary = NewRows.Write(run.Folder, net, model, examples, config.BatchSize);
        Export();
        WriteLine(summary);
        return;
    }
    var predictions = Inference.Predictions(model, examples, config.BatchSize, net.Divisor);
    var (accuracy, classes) = InferenceLog.Write(run.Folder, net.Model, examples, predictions);
    Export();

    WriteLine(data.AreNew ? $"On all {examples.Count:n0} {examples.Kind}:" : $"On the {config.Split} split, {examples.Count:n0} {examples.Kind}:");
    foreach (var c in classes.Where(c => c.Examples > 0 || !data.AreNew)) WriteLine($"  {c.Class}: {c.Accuracy * 100:f2}% of {c.Examples}");
    WriteLine($"Accuracy of the pretrained model: {accuracy * 100:f2}%");

    void Begin(string subject)
    {
        run.Begin(subject: subject);
        WriteLine($"Weights: {net.Source}, {net.Layer.Title(net.Model.Net)}{net.Kind}");
    }

    void Export()
    {
        if (config.SaveOnnx is { } onnx) Weights.SaveOnnx(onnx, net.File);
        if (config.Draw) DrawPage.Write(run.Folder, net);
    }
});
