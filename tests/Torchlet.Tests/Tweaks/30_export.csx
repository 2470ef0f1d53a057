// Weights as PyTorch reads them, and as JSON.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new InferConfig(), run =>
{
    var arrays = Weights.Read(run.Config.Weights).Arrays;
    Weights.SaveTorch(run.Folder.PathOf("model.pt"), arrays);
    var json = arrays.ToDictionary(a => a.Name, a => new { shape = a.Shape, numbers = a.Values.ToArray() });
    File.WriteAllText(run.Folder.PathOf("model.json"), System.Text.Json.JsonSerializer.Serialize(json));
    WriteLine($"{arrays.Length} arrays");
});
