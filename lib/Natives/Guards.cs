using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// Checks that the build copies into TorchSharp.dll. A method here runs at the start of the method of TorchSharp that has its name, its
/// declaring type's name in front, and its parameters (an instance first): it throws, or returns the answer, or null to go on.
/// </summary>
/// <remarks>
/// TorchSharp 0.107's native half catches no exception in these functions, or calls them with wrong arguments: an ordinary mistake would end the
/// process. What is copied may use the framework and TorchSharp, but no lambda, no interpolated string and no other type of this project.
/// </remarks>
static class Guards
{
    static bool interopThreadsAreSet;

    /// <summary>libtorch's error: its message's first line. The frames of its C++ stack follow only where TORCHLET_TRACE is 1.</summary>
    static ExternalException Error(string message)
    {
        if (Environment.GetEnvironmentVariable("TORCHLET_TRACE") == "1") return new ExternalException(message);
        var text = message;
        var frames = text.IndexOf("Exception raised from ", StringComparison.Ordinal);
        if (frames > 0) text = text.Substring(0, frames);
        var advice = text.IndexOf("(Could this error message be improved?", StringComparison.Ordinal);
        if (advice > 0) text = text.Substring(0, advice);
        if (text.StartsWith("[enforce fail at ", StringComparison.Ordinal) && text.IndexOf("] . ", StringComparison.Ordinal) is var place and > 0)
            text = text.Substring(place + 4);
        text = text.Trim();
        var end = text.IndexOf('\n');
        if (end > 0) text = text.Substring(0, end).TrimEnd();
        var error = new ExternalException(text);
        error.Data["libtorch"] = message;
        return error;
    }

    /// <summary>A matrix product by the functions that torch.matmul itself calls, which report errors; null for more axes, once they are checked.</summary>
    static Tensor? Tensor_matmul(Tensor self, Tensor target)
    {
        var (m, n) = (self.dim(), target.dim());
        if (m == 0 || n == 0) throw Wrong("matmul: want one axis or more on both sides", self, target);
        if (m == 1 && n == 1) return self.dot(target);
        if (m == 2 && n == 1) return self.mv(target);
        if (m == 2 && n == 2) return self.mm(target);
        if (self.dtype != target.dtype) throw Wrong("matmul: want the same element type on both sides", self, target);
        if (self.dtype == ScalarType.Bool || self.is_sparse || target.is_sparse) throw Wrong("matmul: want dense tensors of numbers", self, target);
        if (self.device.ToString() != target.device.ToString()) throw Wrong("matmul: want both on one device", self, target);
        var (a, b) = (self.shape, target.shape);
        if (a[m - 1] != b[n == 1 ? 0 : n - 2]) throw Wrong("matmul: want as many columns on the left as rows on the right", self, target);
        var count = (m == 1 ? 1.0 : a[m - 2]) * (n == 1 ? 1 : b[n - 1]);
        for (var i = 3; i <= m || i <= n; i++)
        {
            var (left, right) = (i <= m ? a[m - i] : 1, i <= n ? b[n - i] : 1);
            if (left != right && left != 1 && right != 1) throw Wrong("matmul: want batch axes that are equal or 1", self, target);
            count *= left == 1 ? right : left;
        }
        // Memory for a large result, asked for where a refusal is an error.
        if (count > 1e8) self.new_empty(checked((long)count)).Dispose();
        return null;
    }

    static void Tensor_cummax(Tensor self, long dim) => WantAxis("cummax", self, dim);

    static void Tensor_cummin(Tensor self, long dim) => WantAxis("cummin", self, dim);

    static void WantAxis(string name, Tensor self, long dim)
    {
        var axes = Math.Max(self.dim(), 1);
        if (dim < -axes || dim >= axes) throw new ExternalException(name + ": want a dim of " + -axes + " to " + (axes - 1) + ", got " + dim);
        if (self.is_complex()) throw new ExternalException(name + ": want real numbers, got " + self.dtype);
    }

    /// <summary>The gradients by way of backward, which reports errors; where the graph of the gradient is wanted too, that is a rehearsal.</summary>
    /// <returns>One for each input, null for one that the outputs do not depend on; or null to go on, where the graph of the gradient is wanted too.</returns>
    static IList<Tensor>? autograd_grad(
        IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs, ref bool retain_graph, bool create_graph, bool allow_unused)
    {
        if (inputs.Count == 0) throw new ExternalException("grad: want one input or more, got none");
        foreach (var input in inputs)
            if (!input.requires_grad)
                throw new ExternalException("grad: want inputs that require a gradient, got one that does not; call requires_grad_() on it first");
        retain_graph |= create_graph;
        var (kept, gradients) = (new Tensor?[inputs.Count], new Tensor[inputs.Count]);
        for (var i = 0; i < kept.Length; i++)
        {
            if (!inputs[i].is_leaf) inputs[i].retain_grad();
            kept[i] = inputs[i].grad;
            inputs[i].grad = null;
        }
        try
        {
            autograd.backward(outputs, grad_outputs, retain_graph, false, inputs);
            for (var i = 0; i < kept.Length; i++)
            {
                var gradient = inputs[i].grad;
                if (gradient is null && !allow_unused)
                    throw new ExternalException("grad: the outputs do not depend on input " + i + "; leave it out, or pass allow_unused: true");
                gradients[i] = gradient!;
            }
        }
        finally
        {
            for (var i = 0; i < kept.Length; i++) inputs[i].grad = kept[i];
        }
        if (!create_graph) return gradients;
        foreach (var gradient in gradients) gradient?.Dispose();
        return null;
    }

    /// <summary>The state of PyTorch's mt19937 generator: seed, numbers left, seeded, next, 624 numbers and the normal one that is kept.</summary>
    static void Generator_set_state(Generator self, Tensor value)
    {
        const int size = 5056, numbers = 624;
        if (value.dtype != ScalarType.Byte || value.numel() != size || value.device_type != DeviceType.CPU || !value.is_contiguous())
            throw Wrong("set_state: want " + size + " contiguous bytes in the host's memory", value, value);
        var bytes = value.bytes;
        var (left, seeded) = (MemoryMarshal.Read<int>(bytes.Slice(8)), MemoryMarshal.Read<int>(bytes.Slice(12)));
        var next = MemoryMarshal.Read<ulong>(bytes.Slice(16));
        if (left < 1 || left > numbers || seeded != 1 || next > numbers)
            throw new ExternalException("set_state: these bytes are not a generator's state");
    }

    static void torch_set_num_threads(int num) => WantThreads("set_num_threads", num);

    static void torch_set_num_interop_threads(int num)
    {
        WantThreads("set_num_interop_threads", num);
        if (interopThreadsAreSet)
            throw new InvalidOperationException("set_num_interop_threads: libtorch takes their number once in a process, and this was done already");
        interopThreadsAreSet = true;
    }

    static void WantThreads(string name, int count)
    {
        if (count < 1) throw new ExternalException(name + ": want 1 or more, got " + count);
    }

    /// <summary>The variance of integers, which TorchSharp computes once more than it should, and not where errors are caught.</summary>
    static void Tensor__var(Tensor self, ReadOnlySpan<long> dimensions, bool unbiased, bool keepdim, ScalarType? type)
    {
        if (!self.is_floating_point() && !self.is_complex()) throw Wrong("var: want floating-point numbers", self, self);
    }

    static void ScalarExtensionMethods_ToSByte(Scalar value) => WantFit(value, sbyte.MinValue, sbyte.MaxValue, "int8");

    static void ScalarExtensionMethods_ToByte(Scalar value) =>
        WantFit(value, value.Type == ScalarType.Int64 ? -byte.MaxValue : 0, byte.MaxValue, "uint8"); // libtorch lets the integer -1 wrap around.

    static void ScalarExtensionMethods_ToInt16(Scalar value) => WantFit(value, short.MinValue, short.MaxValue, "int16");

    static void ScalarExtensionMethods_ToInt32(Scalar value) => WantFit(value, int.MinValue, int.MaxValue, "int32");

    static void ScalarExtensionMethods_ToInt64(Scalar value)
    {
        if (value.Type != ScalarType.Int64) WantFit(value, long.MinValue, 9223372036854774784, "int64");
    }

    static void ScalarExtensionMethods_ToHalf(Scalar value) => WantFloat(value, 65504, "float16");

    static void ScalarExtensionMethods_ToSingle(Scalar value) => WantFloat(value, float.MaxValue, "float32");

    static void ScalarExtensionMethods_ToDouble(Scalar value) => WantReal(value, "float64");

    static void ScalarExtensionMethods_ToBoolean(Scalar value) => WantReal(value, "bool");

    static void WantFit(Scalar value, double lowest, double highest, string type)
    {
        WantReal(value, type);
        var number = value.ToDouble();
        if (number < lowest || number > highest) throw new OverflowException("the number " + number + " does not fit into " + type);
    }

    static void WantFloat(Scalar value, double highest, string type)
    {
        WantReal(value, type);
        var size = Math.Abs(value.ToDouble());
        if (size > highest && !double.IsInfinity(size)) throw new OverflowException("a number of size " + size + " does not fit into " + type);
    }

    static void WantReal(Scalar value, string type)
    {
        if (value.Type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64)
            throw new OverflowException("a complex number does not fit into " + type + "; take its real part first");
    }

    static void Tensor_arange_out(Tensor self, Scalar start, Scalar stop, Scalar step)
    {
        var size = Math.Abs(step.ToDouble());
        if (size == 0 || (size < 1 && self.is_integral())) throw new ExternalException("arange_out: want a step other than 0");
    }

    static void functional_lp_pool2d(Tensor input, double norm_type, long[] kernel_size, long[] stride, bool ceil_mode)
    {
        WantLength("lp_pool2d: kernel_size", kernel_size, 2, isOptional: false);
        WantLength("lp_pool2d: stride", stride, 2, isOptional: true);
    }

    static void functional_max_unpool1d(Tensor input, Tensor indices, long kernel_size, ref long? stride, long? padding, long[] output_size) =>
        stride ??= kernel_size;

    static void functional_max_unpool2d(Tensor input, Tensor indices, long[] kernel_size, ref long[]? stride, long[] padding, long[] output_size) =>
        WantUnpool("max_unpool2d", kernel_size, ref stride, padding, 2);

    static void functional_max_unpool3d(Tensor input, Tensor indices, long[] kernel_size, ref long[]? stride, long[] padding, long[] output_size) =>
        WantUnpool("max_unpool3d", kernel_size, ref stride, padding, 3);

    // A stride is the kernel if it is not given, as in PyTorch; TorchSharp reads one wherever there is a padding.
    static void WantUnpool(string name, long[] kernel, ref long[]? stride, long[] padding, int axes)
    {
        WantLength(name + ": kernel_size", kernel, axes, isOptional: false);
        WantLength(name + ": stride", stride, axes, isOptional: true);
        WantLength(name + ": padding", padding, axes, isOptional: true);
        if (stride is null || stride.Length == 0) stride = kernel;
    }

    static void WantLength(string name, long[]? numbers, int count, bool isOptional)
    {
        var length = numbers is null ? 0 : numbers.Length;
        if (length != count && !(isOptional && length == 0)) throw new ExternalException(name + ": want " + count + " numbers, got " + length);
    }

    static void nn_MultiheadAttention(
        long embedded_dim, long num_heads, double dropout, bool bias, bool add_bias_kv, bool add_zero_attn, long? kdim, long? vdim) =>
        WantHeads("MultiheadAttention", num_heads);

    static void nn_Transformer(
        long d_model, long nhead, long num_encoder_layers, long num_decoder_layers, long dim_feedforward, double dropout, nn.Activations activation) =>
        WantHeads("Transformer", nhead);

    static void nn_TransformerEncoderLayer(long d_model, long nhead, long dim_feedforward, double dropout, nn.Activations activation) =>
        WantHeads("TransformerEncoderLayer", nhead);

    static void nn_TransformerDecoderLayer(long d_model, long nhead, long dim_feedforward, double dropout, nn.Activations activation) =>
        WantHeads("TransformerDecoderLayer", nhead);

    static void WantHeads(string name, long heads)
    {
        if (heads < 1) throw new ExternalException(name + ": want 1 head or more, got " + heads);
    }

    static void Tensor_cross(Tensor self, Scalar other, long dim) => throw new ExternalException("cross: want a tensor as the second argument, got a number");

    static void torch_sparse(Tensor indices, Tensor values, long[] size, ScalarType? dtype, Device device, bool requires_grad, string[] names) =>
        throw new NotSupportedException("torch.sparse calls itself for ever in this version of TorchSharp; use torch.sparse_coo_tensor");

    static void Tensor_nanmean(Tensor self, int? dim, bool keepdim, ScalarType? dtype) =>
        throw new NotSupportedException("nanmean does not work in this version of TorchSharp; use nansum divided by the sum of x.isnan().logical_not()");

    static void Tensor_rand_out(Tensor self, long[] sizes) => throw Out("rand_out", "rand");

    static void Tensor_randn_out(Tensor self, long[] sizes) => throw Out("randn_out", "randn");

    static void Tensor_randint_out(Tensor self, long high, long[] sizes) => throw Out("randint_out", "randint");

    static NotSupportedException Out(string name, string other) => new(name + " does not work in this version of TorchSharp; use torch." + other);

    static ExternalException Wrong(string wanted, Tensor left, Tensor right) =>
        new(wanted + ", got " + Show(left) + (ReferenceEquals(left, right) ? "" : " and " + Show(right)));

    static string Show(Tensor x) => x.dtype + " [" + string.Join(", ", x.shape) + "]";
}
