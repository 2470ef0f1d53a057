using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Mistakes that end the process with the package's own TorchSharp, and messages of native errors.</summary>
public class NativeErrorsTests
{
    static readonly Dictionary<string, Func<object?>> Mistakes = new()
    {
        ["matmul, rows and columns"] = () => ones(3, 4).matmul(ones(5, 6)),
        ["torch.matmul, a vector"] = () => matmul(ones(3, 4), ones(5)),
        ["matmul, two vectors"] = () => ones(3).matmul(ones(4)),
        ["matmul, a number"] = () => ones(3, 4).matmul(tensor(1f)),
        ["matmul, element types"] = () => ones(3, 4).matmul(ones(4, 5, float64)),
        ["matmul, batches of other types"] = () => ones(2, 3, 4).matmul(ones([2, 4, 5], float64)),
        ["matmul, batches"] = () => ones(2, 3, 4).matmul(ones(3, 4, 5)),
        ["matmul, columns of batches"] = () => ones(2, 3, 4).matmul(ones(2, 5, 6)),
        ["matmul, a vector of batches"] = () => ones(3).matmul(ones(2, 4, 5)),
        ["matmul, truth values"] = () => ones([2, 3, 4], @bool).matmul(ones([2, 4, 5], @bool)),
        ["matmul, too large"] = () => ones(1, 1).expand(1 << 24, 1).unsqueeze(0).matmul(ones(1, 1).expand(1, 1 << 24)),
        ["grad, unrelated"] = () => autograd.grad([Leaf().sum()], [Leaf()]),
        ["grad, a vector"] = () => Leaf() is var x ? autograd.grad([x * x], [x]) : null,
        ["grad, constant output"] = () => autograd.grad([ones(1)], [Leaf()]),
        ["grad, constant input"] = () => autograd.grad([Leaf().sum()], [ones(3)]),
        ["grad, no inputs"] = () => autograd.grad([Leaf().sum()], []),
        ["grad, unrelated, with a graph"] = () => autograd.grad([Leaf().sum()], [Leaf()], create_graph: true),
        ["grad, twice"] = () => Leaf() is var x && (x * x).sum() is var y ? autograd.grad([y], [x])[0] + autograd.grad([y], [x])[0] : null,
        ["cummax, axis"] = () => ones(2, 3).cummax(2),
        ["cummin, axis"] = () => ones(2, 3).cummin(-3),
        ["var of bytes"] = () => ones([2, 3], uint8).var(0),
        ["rand, negative"] = () => rand(-9),
        ["randperm, negative"] = () => randperm(-9),
        ["byte of 300"] = () => (byte)tensor(300f),
        ["byte of -1.7"] = () => (byte)tensor(-1.7),
        ["float of 1e300"] = () => (float)tensor(1e300),
        ["generator's state, length"] = () => Set(zeros([7], uint8)),
        ["generator's state, all zero"] = () => Set(zeros([5056], uint8)),
        ["set_num_threads"] = () => { set_num_threads(0); return null; },
        ["set_num_interop_threads"] = () => { set_num_interop_threads(-1); return null; },
        ["lp_pool2d"] = () => nn.functional.lp_pool2d(ones(1, 1, 4, 4), 2, [2]),
        ["max_unpool2d"] = () => nn.functional.max_unpool2d(ones(1, 1, 2, 2), ones([1, 1, 2, 2], int64), [2]),
        ["attention without heads"] = () => nn.MultiheadAttention(4, 0),
        ["cross with a number"] = () => ones(2, 3).cross(2, 1),
        ["nanmean"] = () => ones(3).nanmean(),
        ["a freed tensor"] = () => { var x = ones(3); x.Dispose(); return x.shape; },
    };

    public static TheoryData<string> Names => [.. Mistakes.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_mistake_is_an_exception_of_one_line(string name)
    {
        using var scope = NewDisposeScope();
        var error = Assert.ThrowsAny<Exception>(Mistakes[name]);
        Assert.DoesNotContain('\n', error.Message);
        Assert.DoesNotContain("most recent call first", error.Message);
    }

    [Fact]
    public void The_frames_of_libtorch_are_kept_beside_the_message()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => ones(3, 4).mm(ones(5, 6)));
        Assert.Equal("mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)", error.Message);
        Assert.Contains("frame #", (string)error.Data["libtorch"]!);
    }

    [Fact]
    public void A_freed_tensor_says_how_to_keep_it() =>
        Assert.Contains("MoveToOuterDisposeScope", Assert.Throws<InvalidOperationException>(() =>
        {
            using var x = ones(3);
            x.Dispose();
            return x.shape;
        }).Message);

    public static TheoryData<long[], long[]> Shapes => new()
    {
        { [3], [3] }, { [2, 3], [3] }, { [3], [3, 4] }, { [2, 3], [3, 4] }, { [5, 2, 3], [3, 4] }, { [5, 2, 3], [3] }, { [3], [5, 3, 4] },
        { [5, 1, 2, 3], [6, 3, 4] }, { [0, 3], [3, 4] },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Matmul_multiplies_as_before(long[] left, long[] right)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (Tensors.Normal(1, left), Tensors.Normal(2, right));
        // By another way than matmul: every element of the left times every one of the right, summed over the axis in common.
        var (rows, columns) = (left.Length == 1 ? a.unsqueeze(0) : a, right.Length == 1 ? b.unsqueeze(1) : b);
        var want = (rows.unsqueeze(-1) * columns.unsqueeze(-3)).sum(-2);
        if (left.Length == 1) want = want.squeeze(-2);
        if (right.Length == 1) want = want.squeeze(-1);
        var got = a.matmul(b);
        Assert.Equal(want.shape, got.shape);
        Tensors.AssertClose(want, got, 1e-5);
    }

    [Fact]
    public void Grad_gives_gradients_and_leaves_the_inputs_own_ones_alone()
    {
        using var scope = NewDisposeScope();
        var (x, unused) = (Leaf(), Leaf());
        (3 * x).sum().backward();
        var inner = x * x;
        var gradients = autograd.grad([(inner * inner).sum()], [x, inner, unused], allow_unused: true);
        Assert.Equal([4f, 32, 108], gradients[0].data<float>().ToArray()); // 4·x³ at 1, 2, 3
        Assert.Equal([2f, 8, 18], gradients[1].data<float>().ToArray()); // 2·x²
        Assert.Null(gradients[2]);
        Assert.Equal([3f, 3, 3], x.grad!.data<float>().ToArray());
        Assert.Null(unused.grad);
    }

    [Fact]
    public void Grad_with_a_graph_can_be_differentiated_again()
    {
        using var scope = NewDisposeScope();
        var x = Leaf();
        var first = autograd.grad([(x * x * x).sum()], [x], create_graph: true)[0];
        first.sum().backward();
        Assert.Equal([6f, 12, 18], x.grad!.data<float>().ToArray()); // 6·x
    }

    [Fact]
    public void An_error_in_a_layer_names_the_layer()
    {
        using var scope = NewDisposeScope();
        Layer layer = (Func<Tensor, Tensor>)(x => x + ones(2, 1)); // As many rows as the examples with which a net is fitted.
        var net = (Layers.Dense(3) >> layer).Fit(4);
        var weights = net.Parameters.Select(slot => zeros([.. slot.Shape])).ToArray();
        var error = Assert.Throws<ArgumentException>(() => net.Forward([.. weights], [], ones(5, 4), Pass.Evaluation));
        Assert.StartsWith("layer 1, ", error.Message);
        Assert.Contains("The size of tensor a (5) must match the size of tensor b (2)", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_script_ends_with_one_line_that_names_its_own()
    {
        using var folder = new TemporaryFolder();
        var script = ScriptEngine.Write(folder.Path, "own.csx", """
            #load "../lib/bin/torchlet.csx"
            using Torchlet;
            using TorchSharp;
            using static TorchSharp.torch;
            try { ones(3, 4).matmul(ones(5, 6)); } catch (Exception e) { WriteLine(e.Message); }
            if (Args is ["run"]) return Script.Run([], new RedrawConfig(), _ =>
            {
                ones(3, 4).matmul(ones(5, 6));
            });
            ones(3, 4).matmul(ones(5, 6));
            """);
        const string said = "mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)";
        foreach (var (arguments, line) in new[] { ("", 10), ("run", 8) })
        {
            var outcome = ScriptEngine.Run(ScriptEngine.Csx, script, arguments, folder.Path);
            Assert.Equal((1, said), (outcome.ExitCode, outcome.Output.Trim()));
            Assert.Equal($"error: {said} [own.csx:{line}; TORCHLET_TRACE=1 shows the whole trace]", outcome.Error.Trim());
        }
        var traced = ScriptEngine.Run(ScriptEngine.Csx, script, "", folder.Path, ("TORCHLET_TRACE", "1"));
        Assert.Contains("frame #", traced.Error);
        Assert.Contains("   at ", traced.Error);
    }

    static Tensor Leaf() => tensor(new[] { 1f, 2, 3 }, requires_grad: true);

    static object? Set(Tensor state)
    {
        using var generator = new Generator();
        generator.set_state(state);
        return null;
    }
}
