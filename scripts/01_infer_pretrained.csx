#!/usr/bin/env dotnet-script
// Runs a pretrained network over MNIST and shows how well it does. With the book's weights and raw pixels: 92.52%.
// With --image, says what it takes somebody's own drawings for.
//   dotnet run run.cs -- scripts/01_infer_pretrained.csx [--weights FILE --normalize true --split test …; --help]
//   dotnet script scripts/01_infer_pretrained.csx -- [options]
#load "../lib/bin/torchlet.csx"
using Torchlet;

return Script.Run(Args, new InferConfig { Weights = "auto", Split = "train", BatchSize = 100 }, (config, stop) =>
{
    var device = Devices.Pick(config.Device);
    if (config.Image is { } image)
    {
        var net = PretrainedWeights.Load(config);
        var drawings = Drawings.Read(config, net.Side, stop);
        var answered = RunFolder.Create(config, device: device, subject: $"{Path.GetFileName(net.Source)} on {Path.GetFileName(Path.GetFullPath(image))}");
        RunHeader.Print(device, answered);
        WriteLine($"Weights: {net.Source}, {net.Layer.Title(net.Model.Net)}");
        var answers = DrawingAnswer.Each(net.Model.To(device), drawings, net.Classes, config.BatchSize, net.Divisor);
        foreach (var answer in answers | CsvLog.Drawings(answered)) WriteLine(answer);
        DrawingPlots.Draw(answered);
        if (config.SaveOnnx is { } file) Weights.SaveOnnx(file, net.File);
        if (config.Draw) DrawPage.Write(answered, net);
        return;
    }

    var data = Datasets.Load(config, stop).To(device);
    var pretrained = PretrainedWeights.Load(config, data);
    var (model, layer, divisor, weights) = pretrained;
    var run = RunFolder.Create(config, data, device, subject: $"{Path.GetFileName(weights)} on {data.Name}, {config.Split} split");
    RunHeader.Print(data, device, run);
    WriteLine($"Weights: {weights}, {layer.Title(model.Net)}");

    var examples = config.Split == "train" ? data.Train : data.Test;
    var predictions = (Inference.Predictions(model.To(device), examples, config.BatchSize, divisor) | CsvLog.Predictions(run)).ToList();
    var classes = (ClassAccuracy.Of(Inference.Confusion(predictions, data.Classes.Length), data.Classes) | CsvLog.Classes(run)).ToList();
    _ = (Mistakes.Worst(predictions, examples, count: 40) | CsvLog.Mistakes(run)).ToList();
    _ = (UnitWeights.OfFirstLayer(model) | CsvLog.FirstLayer(run)).ToList();
    InferencePlots.Draw(run);
    if (config.SaveOnnx is { } onnx) Weights.SaveOnnx(onnx, pretrained.File);
    if (config.Draw) DrawPage.Write(run, pretrained);

    WriteLine($"On the {config.Split} split, {examples.Count:n0} {examples.Kind}:");
    foreach (var c in classes) WriteLine($"  {c.Class}: {c.Accuracy * 100:f2}% of {c.Examples}");
    WriteLine($"Accuracy of the pretrained model: {Inference.Accuracy(predictions) * 100:f2}%");
});
