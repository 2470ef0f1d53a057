using System.Collections.Immutable;

namespace Torchlet;

/// <summary>
/// Nodes of an ONNX graph that follow each other, as data: how a layer is exported is a function from the graph before it to the graph after it. Source:
/// Operators.md of github.com/onnx/onnx.
/// </summary>
/// <param name="Nodes">The nodes so far, in the order of computation.</param>
/// <param name="Current">Name of the current tensor: the graph's input at first, then the output of the last node.</param>
public sealed record OnnxGraph(ImmutableArray<OnnxNode> Nodes, string Current)
{
    /// <summary>Adds a node that reads the current tensor, then <paramref name="further"/> tensors. Its output becomes the current tensor.</summary>
    /// <param name="op">Operator: Gemm, Conv.</param>
    /// <param name="further">Names of the tensors after the first: parameters of the layer, or an earlier <see cref="Current"/>.</param>
    /// <param name="attributes">Constants of the operator.</param>
    /// <param name="output">Name of the output; null for one made of the operator and the node's index.</param>
    public OnnxGraph Then(string op, ImmutableArray<string> further, ImmutableArray<OnnxAttribute> attributes, string? output = null)
    {
        var name = output ?? NextName(op);
        return new(Nodes.Add(new(op, [Current, .. further], name, attributes)), name);
    }

    /// <summary>Adds a node without attributes.</summary>
    public OnnxGraph Then(string op, params ImmutableArray<string> further) => Then(op, further, []);

    /// <summary>Adds a scalar constant. The current tensor stays, so that the next node can read both.</summary>
    public OnnxGraph Constant(double value, out string name) => Constant(new OnnxAttribute.Float("value_float", value), out name);

    /// <summary>Adds a constant, the value of an attribute such as <c>value_ints</c>. The current tensor stays.</summary>
    public OnnxGraph Constant(OnnxAttribute value, out string name)
    {
        const string op = "Constant";
        name = NextName(op);
        return this with { Nodes = Nodes.Add(new(op, [], name, [value])) };
    }

    /// <summary>Adds nodes on the side, whose output has this name then. The current tensor stays.</summary>
    public OnnxGraph Aside(Func<OnnxGraph, OnnxGraph> nodes, out string name)
    {
        var side = nodes(this);
        name = side.Current;
        return side with { Current = Current };
    }

    string NextName(string op) => $"{op}_{Nodes.Length}";
}

/// <summary>A node of an ONNX graph: one operator applied to tensors.</summary>
/// <param name="Op">Operator: Gemm, Conv.</param>
/// <param name="Inputs">Names of the tensors that it reads.</param>
/// <param name="Output">Name of the tensor that it writes, and of the node.</param>
/// <param name="Attributes">Constants of the operator.</param>
public sealed record OnnxNode(string Op, ImmutableArray<string> Inputs, string Output, ImmutableArray<OnnxAttribute> Attributes);

/// <summary>A constant of a node.</summary>
/// <param name="Name">Name of the operator's attribute: axis, epsilon.</param>
public abstract record OnnxAttribute(string Name)
{
    /// <summary>An integer.</summary>
    public sealed record Int(string Name, long Value) : OnnxAttribute(Name);

    /// <summary>Integers, one per axis or side.</summary>
    public sealed record Ints(string Name, ImmutableArray<long> Values) : OnnxAttribute(Name)
    {
        /// <summary>The same integer <paramref name="count"/> times.</summary>
        public Ints(string name, int count, double value) : this(name, [.. Enumerable.Repeat((long)value, count)]) { }
    }

    /// <summary>A real number, stored as float32.</summary>
    public sealed record Float(string Name, double Value) : OnnxAttribute(Name);

    /// <summary>Real numbers, stored as float32.</summary>
    public sealed record Floats(string Name, ImmutableArray<double> Values) : OnnxAttribute(Name);
}
