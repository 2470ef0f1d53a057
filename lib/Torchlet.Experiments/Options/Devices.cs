using TorchSharp;

namespace Torchlet;

/// <summary>Where tensors can live on this machine.</summary>
public static class Devices
{
    /// <summary>The device that <c>--device</c> names; auto is CUDA if there, else CPU.</summary>
    /// <exception cref="TorchletException">The name is not a device's, or the machine or this build lacks it.</exception>
    public static torch.Device Pick(string name) => name switch
    {
        "auto" => torch.cuda.is_available() ? torch.CUDA : torch.CPU,
        "cpu" => torch.CPU,
        "mps" when torch.mps_is_available() => torch.MPS,
        "mps" => throw new TorchletException("--device mps: no Metal device here; use cpu."),
        _ => Cuda(name),
    };

    static torch.Device Cuda(string name)
    {
        var index = name == "cuda" ? 0 : name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name[5..], out var i) && i >= 0 ? i
            : throw new CommandLineException($"--device {name}: want auto, cpu, cuda, cuda:1 or mps.");
        var count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        return index < count ? torch.device(DeviceType.CUDA, index)
            : throw new TorchletException($"--device {name}: {(count > 0 ? $"this machine has {count}, cuda:0 to cuda:{count - 1}"
                : "no CUDA device here; use cpu, or build with -p:TorchBackend=cuda on a machine with one")}.");
    }
}
