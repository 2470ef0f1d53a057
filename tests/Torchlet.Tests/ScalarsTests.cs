using Mono.Cecil;
using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>No native Scalar is left to a finalizer, which would free it too late, or while native code reads it.</summary>
public class ScalarsTests
{
    [Fact]
    public void The_library_makes_no_Scalar_that_it_does_not_dispose()
    {
        var (names, made) = (new[] { "Torchlet", "Torchlet.Experiments", "Torchlet.Cluster" }, Makers());
        var found = from name in names
                    from method in Methods(Path.Combine(Natives.Folder, $"{name}.dll"))
                    from called in Calls(method)
                    where IsImplicit(called) || made.Contains(Signature(called))
                    select $"{name}: {method.FullName} calls {called.FullName}; use a helper of Scalars";
        Assert.Empty(found);
    }

    [Fact]
    public void TorchSharp_keeps_alive_what_native_code_reads()
    {
        var careless = from method in Methods(typeof(torch).Assembly.Location)
                       where Calls(method).Any(m => m.DeclaringType.Name == "NativeMethods") && Calls(method).Any(m => m.Name == "get_Handle")
                           && Calls(method).All(m => m.Name != nameof(GC.KeepAlive))
                           && method.Parameters.Any(p => p.ParameterType.Name is "Scalar" or "Tensor")
                       select method.FullName;
        Assert.Empty(careless);
    }

    [Fact]
    public void Two_hundred_calls_of_each_function_survive_a_busy_garbage_collector() => Stress(200);

    [LongFact]
    public void Twenty_thousand_calls_of_each_function_survive_a_busy_garbage_collector() => Stress(20_000);

    static void Stress(int calls)
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            foreach (var function in Functions())
                for (var i = 0; i < calls; i++)
                {
                    using var scope = NewDisposeScope();
                    function();
                }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    /// <summary>Every activation with its derivative, every loss with its gradient, every optimizer's step and every helper, on three numbers.</summary>
    static IEnumerable<Action> Functions()
    {
        var (x, labels) = (tensor(new float[,] { { -1, 0.5f, 2 } }), tensor(new[] { 2L }));
        foreach (var activation in Activation.All)
        {
            var net = activation.Layer.Fit(3);
            yield return () =>
            {
                var result = net.Forward([], [], x, Pass.Evaluation);
                if (net.HasPullback) result.Pullback!(ones_like(x), [])();
            };
        }
        foreach (var loss in LossVariant.All.Select(v => v.Loss).Append(Losses.Focal(2)).Append(Losses.Smoothed(0.1)))
            yield return () => Gradient.ValueAndGrad(z => loss(z, labels).sum())(x);
        foreach (var loss in new[] { Losses.SquaredError, Losses.Huber(), Losses.SmoothL1(), Losses.CosineDistance, Losses.BinaryCrossEntropy,
            Losses.SoftCrossEntropy, Losses.KlDivergence })
            yield return () => Gradient.ValueAndGrad(z => loss(z, x).sum())(x);
        yield return () => Gradient.ValueAndGrad(z => Losses.Hinge()(z, labels).sum())(x);
        foreach (var optimizer in Optimizers.All)
        {
            var (transform, parameters) = (optimizer.Of(0.1, 0.1, 0.9), new ParameterVector(x, [new("weight", [1, 3], random => (x, random))]));
            var state = OptimizerState.Of(transform, parameters);
            yield return () => transform.Step(parameters.Flat, parameters, state);
        }
        yield return () => x.Times(2).Times_(2).Over_(2).Plus(x, 2).Plus(x).Plus_(x).Plus(2).Plus_(2)
            .AddScaled_(x, 2).AddProduct_(x, x, 2).Limited(3).Limited(0, 1);
        yield return () => Initializer.Constant(2)(TorchRandom.Seeded(0), [3], 1, 1);
    }

    /// <summary>TorchSharp's methods that make a Scalar which they do not dispose, and those that call them.</summary>
    static HashSet<string> Makers()
    {
        var methods = Methods(typeof(torch).Assembly.Location).Where(m => m.DeclaringType.Name is not ("Scalar" or "ScalarExtensionMethods")).ToList();
        var callers = methods.SelectMany(m => Calls(m).Select(called => (Signature(called), Caller: Signature(m)))).ToLookup(c => c.Item1, c => c.Caller);
        var makers = methods.Where(m => Calls(m).Any(IsMaking) && !Calls(m).Any(called => called.Name == nameof(IDisposable.Dispose)))
            .Select(Signature).ToHashSet();
        var queue = new Queue<string>(makers);
        while (queue.TryDequeue(out var maker))
            foreach (var caller in callers[maker].Where(makers.Add))
                queue.Enqueue(caller);
        return makers;
    }

    static bool IsImplicit(MethodReference m) => m is { Name: "op_Implicit", DeclaringType.FullName: "TorchSharp.Scalar" };

    static bool IsMaking(MethodReference m) => IsImplicit(m) || m is { Name: "ToScalar" or "ToBFloat16Scalar", DeclaringType.Name: "ScalarExtensionMethods" };

    static IEnumerable<MethodDefinition> Methods(string assembly) =>
        ModuleDefinition.ReadModule(assembly).GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody);

    static IEnumerable<MethodReference> Calls(MethodDefinition method) => method.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>();

    static string Signature(MethodReference method) =>
        $"{method.DeclaringType.FullName.Split('<')[0]}::{method.Name}"
        + $"({string.Join(",", method.GetElementMethod().Parameters.Select(p => p.ParameterType.FullName))})";
}
