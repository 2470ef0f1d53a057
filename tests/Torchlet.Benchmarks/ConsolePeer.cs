using TorchSharp;

namespace Torchlet.Benchmarks;

/// <summary>The console program that one would write with TorchSharp alone, so that its process can be measured.</summary>
static class ConsolePeer
{
    /// <summary>The first argument that makes the benchmark this program.</summary>
    public const string Word = "console-peer";

    /// <summary>start: shows a first tensor. train FOLDER EPOCHS: trains with nn.Module and TorchSharp's DataLoader.</summary>
    public static int Run(string[] args)
    {
        Natives.Load();
        switch (args)
        {
            case [Word, "start"]:
                Console.WriteLine(torch.ones(2, 3).sum().item<float>());
                return 0;
            case [Word, "train", var folder, var epochs]:
                foreach (var accuracy in ModuleLoop.WithDataLoader(Datasets.Load(folder), batchSize: 512).Take(int.Parse(epochs)))
                    Console.WriteLine($"accuracy after this epoch's loss: {accuracy:f4}");
                return 0;
            default:
                return 2;
        }
    }
}
