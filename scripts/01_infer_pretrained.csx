#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../run.cs" -- "$0" "$@"'
// Runs a pretrained network over MNIST and shows how well it does. With the book's weights and raw pixels: 92.52%.
// With --image, classifies your own drawings.
//   dotnet run run.cs -- scripts/01_infer_pretrained.csx [--weights FILE --normalize true --split test …; --help]
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
        var drawings = Drawings.Read(config, net.Side, run.Stop);
        Begin($"{file} on {Path.GetFileName(Path.GetFullPath(image))}");
        var answers = DrawingAnswer.Each(net.Model.To(run.Device), drawings, net.Classes, config.BatchSize, net.Divisor);
        foreach (var answer in answers | CsvLog.Drawings(run.Folder)) WriteLine(answer);
        DrawingPlots.Draw(run.Folder);
        Export();
        return;
    }

    Begin($"{file} on {run.Data.Name}, {config.Split} split");
    var examples = config.Split == "train" ? run.Data.Train : run.Data.Test;
    var predictions = Inference.Predictions(net.Model.To(run.Device), examples, config.BatchSize, net.Divisor);
    var (accuracy, classes) = InferenceLog.Write(run.Folder, net.Model, examples, predictions);
    Export();

    WriteLine($"On the {config.Split} split, {examples.Count:n0} {examples.Kind}:");
    foreach (var c in classes) WriteLine($"  {c.Class}: {c.Accuracy * 100:f2}% of {c.Examples}");
    WriteLine($"Accuracy of the pretrained model: {accuracy * 100:f2}%");

    void Begin(string subject)
    {
        run.Begin(subject: subject);
        WriteLine($"Weights: {net.Source}, {net.Layer.Title(net.Model.Net)}");
    }

    void Export()
    {
        if (config.SaveOnnx is { } onnx) Weights.SaveOnnx(onnx, net.File);
        if (config.Draw) DrawPage.Write(run.Folder, net);
    }
});
