using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// oneDNN, by which libtorch computes convolutions. On a virtual processor that hides its caches, version 3.7 gets a quarter of all shapes wrong, in a
/// forward pass or in a gradient: one example of each kind is tried, once per process, and where one of them is wrong, libtorch's own kernels compute
/// convolutions, more slowly.
/// </summary>
static class OneDnn
{
    static readonly Lazy<bool> Checked = new(() =>
    {
        // NNPACK serves convolutions that oneDNN leaves; on a processor that it does not know, it would warn of that at each of them.
        _ = SwitchOff("NNPACK");
        var isRight = IsRight();
        if (!isRight && !SwitchOff("Mkldnn"))
            throw new TorchletException("libtorch's convolutions are wrong on this processor; use another machine, or --device cuda.");
        return isRight;
    });

    /// <summary>Whether it computes convolutions. The first call decides.</summary>
    public static bool ComputesConvolutions => Checked.Value;

    static bool IsRight()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (x, random) = TorchRandom.Seeded(0).Normal([2, 4, 8, 8]);
        var (kernel, _) = random.Normal([4, 4, 8, 8]);
        return AreClose(nn.functional.conv2d(x, kernel), nn.functional.conv2d(x.@double(), kernel.@double()))
            && AreClose(nn.functional.conv_transpose2d(x, kernel), nn.functional.conv_transpose2d(x.@double(), kernel.@double()));

        static bool AreClose(Tensor got, Tensor want) => got.@double().allclose(want, 1e-3, 1e-3);
    }

    /// <summary>TorchSharp has no word for it, but libtorch has, on Linux by this name: at::globalContext().setUserEnabledMkldnn(false).</summary>
    static unsafe bool SwitchOff(string part)
    {
        var library = NativeLibrary.Load(Natives.PathOf("torch_cpu"));
        var setter = $"setUserEnabled{part}";
        if (!NativeLibrary.TryGetExport(library, "_ZN2at13globalContextEv", out var context)
            || !NativeLibrary.TryGetExport(library, $"_ZN2at7Context{setter.Length}{setter}Eb", out var enable)) return false;
        ((delegate* unmanaged<nint, byte, void>)enable)(((delegate* unmanaged<nint>)context)(), 0);
        return true;
    }
}
