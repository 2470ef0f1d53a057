using System.Diagnostics.Metrics;
using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Tensor arithmetic with a number, written so that nothing outlives the call but the result.</summary>
/// <remarks>
/// TorchSharp turns the number in <c>0.9 * m</c> into a native Scalar that no dispose scope owns and only a finalizer frees: too late, and 2,000 Adam
/// steps written so grew a process from 162 to 4,218 MB, or too early, while native code reads it, and the step fails. <c>a + b</c> of two tensors
/// makes such a Scalar too, its factor 1. Names with an underscore work in place, as torch's do.
/// </remarks>
public static class Scalars
{
    /// <summary>The meter whose counter "reads" says how often numbers were read back: <c>dotnet-counters monitor --counters Torchlet</c>.</summary>
    public const string Meter = nameof(Torchlet);

    static readonly Counter<long> Reads =
        new Meter(Meter).CreateCounter<long>("reads", description: "reads of a tensor into managed memory, each of which waits for the device");

    /// <summary>The number in a tensor of one element, whatever its type.</summary>
    public static double Number(this Tensor x) => x.Numbers().Single();

    /// <summary>The numbers of a tensor, whatever their type, row by row.</summary>
    public static double[] Numbers(this Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.OnHost().to_type(ScalarType.Float64).data<double>().ToArray();
    }

    /// <summary>The numbers of a tensor of this type, row by row.</summary>
    internal static T[] Numbers<T>(this Tensor x) where T : unmanaged
    {
        using var scope = NewDisposeScope();
        return x.OnHost().data<T>().ToArray();
    }

    /// <summary>The tensor in the host's memory, where it can be read: the device has done by then all that leads to it.</summary>
    internal static Tensor OnHost(this Tensor x)
    {
        Reads.Add(1);
        return x.cpu();
    }

    /// <summary>x², a new tensor. <c>x.square()</c> is a power with a Scalar that only a finalizer frees.</summary>
    public static Tensor Squared(this Tensor x) => x * x;

    /// <summary>k·x, a new tensor: <c>m.Times(0.9)</c>.</summary>
    public static Tensor Times(this Tensor x, double k) { using var s = k.ToScalar(); return x.mul(s); }

    /// <summary>x ← k·x</summary>
    public static Tensor Times_(this Tensor x, double k) { using var s = k.ToScalar(); return x.mul_(s); }

    /// <summary>x ← x / k</summary>
    public static Tensor Over_(this Tensor x, double k) { using var s = k.ToScalar(); return x.div_(s); }

    /// <summary>x + k·y, a new tensor: <c>gradient.Plus(parameters, 1e-4)</c>.</summary>
    public static Tensor Plus(this Tensor x, Tensor y, double k) { using var s = k.ToScalar(); return x.add(y, s); }

    /// <summary>x + y, a new tensor. <c>x + y</c> is this with a Scalar 1 that only a finalizer frees.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) { using var one = 1.ToScalar(); return x.add(y, one); }

    /// <summary>x ← x + y</summary>
    public static Tensor Plus_(this Tensor x, Tensor y) { using var one = 1.ToScalar(); return x.add_(y, one); }

    /// <summary>x + k, a new tensor.</summary>
    public static Tensor Plus(this Tensor x, double k)
    {
        using var s = k.ToScalar();
        using var one = 1.ToScalar();
        return x.add(s, one);
    }

    /// <summary>x ← x + k</summary>
    public static Tensor Plus_(this Tensor x, double k)
    {
        using var s = k.ToScalar();
        using var one = 1.ToScalar();
        return x.add_(s, one);
    }

    /// <summary>x ← x + k·y</summary>
    public static Tensor AddScaled_(this Tensor x, Tensor y, double k) { using var s = k.ToScalar(); return x.add_(y, s); }

    /// <summary>x ← x + k·y·z</summary>
    public static Tensor AddProduct_(this Tensor x, Tensor y, Tensor z, double k) { using var s = k.ToScalar(); return x.addcmul_(y, z, s); }

    /// <summary>x limited to −k … k, a new tensor.</summary>
    public static Tensor Limited(this Tensor x, double k) => x.Limited(-k, k);

    /// <summary>x limited to lowest … highest, a new tensor.</summary>
    public static Tensor Limited(this Tensor x, double lowest, double highest)
    {
        using var low = lowest.ToScalar();
        using var high = highest.ToScalar();
        return x.clamp(low, high);
    }

    /// <summary>x where x > 0, else slope·x, a new tensor.</summary>
    internal static Tensor LeakyRelu(this Tensor x, double slope) { using var s = slope.ToScalar(); return x.leaky_relu(s); }

    /// <summary>x where x > 0, else eˣ − 1, a new tensor.</summary>
    internal static Tensor Elu(this Tensor x) { using var one = 1.0.ToScalar(); return x.elu(one, one, one); }

    /// <summary>min(max(x, −1), 1), a new tensor, whose derivative at −1 and 1 is 0; that of <see cref="Limited(Tensor, double)"/> is 1.</summary>
    internal static Tensor Hardtanh(this Tensor x)
    {
        using var low = (-1.0).ToScalar();
        using var high = 1.0.ToScalar();
        return x.clone().hardtanh_(low, high); // TorchSharp's hardtanh returns what it is given.
    }

    /// <summary>0 … count − 1, [count], int64.</summary>
    internal static Tensor Indices(long count, Device device)
    {
        using var first = 0L.ToScalar();
        using var end = count.ToScalar();
        using var step = 1L.ToScalar();
        return arange(first, end, step, device: device);
    }

    /// <summary>A tensor of this shape whose every number is k, float32.</summary>
    internal static Tensor Filled(ReadOnlySpan<long> shape, double k) { using var s = k.ToScalar(); return full(shape, s, ScalarType.Float32); }
}
