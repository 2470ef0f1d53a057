// Weights as PyTorch reads them, and as JSON.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new InferConfig(), (config, stop) =>
{
    var data = Datasets.Load(config.Data, stop);
    var run = RunFolder.Create(config, data);
    var arrays = Weights.Read(config.Weights).Arrays;
    Weights.SaveTorch(run.PathOf("model.pt"), arrays);
    var json = arrays.ToDictionary(a => a.Name, a => new { shape = a.Shape, numbers = a.Values.ToArray() });
    File.WriteAllText(run.PathOf("model.json"), System.Text.Json.JsonSerializer.Serialize(json));
    WriteLine($"{arrays.Length} arrays");
});
