using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Torchlet;

/// <summary>
/// Reads Python's pickles, protocols 0 to 5, as plain data. Nothing is ever executed: a pickle is a small program whose dangerous
/// step is to call the functions that it names. Here it can only call those in <see cref="PickleRules"/>.
/// </summary>
/// <remarks>
/// Source: CPython's Lib/pickletools.py, which defines each opcode. Values are null, bool, long, <see cref="BigInteger"/>, double, string,
/// <see cref="ReadOnlyMemory{T}"/> of bytes, <see cref="PickleTuple"/>, <see cref="PickleList"/>, <see cref="PickleDict"/>,
/// <see cref="PickleName"/> and the results of the rules. A Python 2 string becomes text with one character per byte. Values may contain
/// themselves, so a walk over them must guard against cycles.
/// </remarks>
public static class Pickle
{
    // A state dict takes some 40 opcodes per tensor. Each opcode can cost an object, so their number bounds the memory.
    const int MaxOpcodes = 100_000;
    const int MaxDigits = 255;
    static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>The first pickle in <paramref name="bytes"/>, and its length in bytes.</summary>
    /// <exception cref="TorchletException">The bytes are not a pickle, or they name a global that the rules do not allow.</exception>
    public static (object? Value, int Length) Read(ReadOnlyMemory<byte> bytes, PickleRules rules)
    {
        var machine = new Machine(bytes, rules);
        return (machine.Run(), machine.In.At);
    }

    sealed class Machine(ReadOnlyMemory<byte> bytes, PickleRules rules)
    {
        readonly List<object?> stack = [];
        readonly Stack<int> marks = [];
        readonly Dictionary<long, object?> memo = [];

        public ByteReader In { get; } = new(bytes);

        int Floor => marks.TryPeek(out var mark) ? mark : 0;

        public object? Run()
        {
            for (var count = 0; count < MaxOpcodes; count++)
                if ((char)In.U8() is var op && op == '.')
                    return Pop();
                else
                    Step(op);
            throw new TorchletException($"it is a pickle of more than {MaxOpcodes} opcodes; that is not a weights file");
        }

        object? Step(char op) => op switch
        {
            '\x80' => Protocol(In.U8()),
            '\x95' => In.U64(), // frames only help a reader that streams

            'N' => Push(null),
            '\x88' => Push(true),
            '\x89' => Push(false),
            'K' => Push((long)In.U8()),
            'M' => Push((long)In.U16()),
            'J' => Push((long)In.I32()),
            '\x8a' => Push(Integer(In.Take(In.U8()))),
            '\x8b' => Push(Integer(In.Take(Short(In.U32())))),
            'I' => Push(Ascii(In.Line()) switch { "00" => false, "01" => true, var digits => Integer(digits) }),
            'L' => Push(Integer(Ascii(In.Line()).TrimEnd('L'))),
            'F' => Push(Float(Ascii(In.Line()))),
            'G' => Push(In.BigEndianDouble()),

            'V' => Push(RawUnicodeEscape(In.Line())),
            'X' => Push(Utf(In.Take(In.U32()))),
            '\x8c' => Push(Utf(In.Take(In.U8()))),
            '\x8d' => Push(Utf(In.Take(In.U64()))),
            'S' => Push(StringEscape(In.Line())),
            'T' => Push(Encoding.Latin1.GetString(In.Take(In.U32()).Span)),
            'U' => Push(Encoding.Latin1.GetString(In.Take(In.U8()).Span)),
            'B' => Push(In.Take(In.U32())),
            'C' => Push(In.Take(In.U8())),
            '\x8e' or '\x96' => Push(In.Take(In.U64())),

            '(' => Mark(),
            ')' => Push(new PickleTuple([])),
            't' => Push(Tuple(PopToMark())),
            '\x85' => Push(Tuple(Pop(1))),
            '\x86' => Push(Tuple(Pop(2))),
            '\x87' => Push(Tuple(Pop(3))),
            ']' => Push(new PickleList()),
            'l' => Push(Append(new(), PopToMark())),
            'a' => Append(Pop(1)),
            'e' => Append(PopToMark()),
            '}' => Push(new PickleDict()),
            'd' => Push(Set(new(), PopToMark())),
            's' => Set(Pop(2)),
            'u' => Set(PopToMark()),

            '0' => marks.Count > 0 && Floor == stack.Count ? marks.Pop() : Pop(),
            '1' => PopToMark(),
            '2' => Push(Top()),
            'p' => Memoize(Line()),
            'q' => Memoize(In.U8()),
            'r' => Memoize(In.U32()),
            '\x94' => Memoize(memo.Count),
            'g' => Recall(Line()),
            'h' => Recall(In.U8()),
            'j' => Recall(In.U32()),

            'c' => Push(Global(Ascii(In.Line()), Ascii(In.Line()))),
            '\x93' => Pop(2) is [string module, string name] ? Push(Global(module, name)) : throw Bad("a name that is not text"),
            'R' or '\x81' => Push(Call(Pop(2))),
            'b' => Build(Pop()),
            'Q' when rules.Persistent is { } persistent => Push(persistent(Pop())),
            _ => throw Bad($"the opcode 0x{(int)op:x2}, which weights do not need"),
        };

        object? Push(object? value)
        {
            stack.Add(value);
            return value;
        }

        object? Mark()
        {
            marks.Push(stack.Count);
            return null;
        }

        object? Pop() => Pop(1)[0];

        object?[] Pop(int count)
        {
            var from = stack.Count - count;
            if (from < Floor)
                throw Bad("an opcode that takes more from the stack than there is");
            var popped = CollectionsMarshal.AsSpan(stack)[from..].ToArray();
            stack.RemoveRange(from, count);
            return popped;
        }

        object?[] PopToMark() => marks.TryPop(out var mark) ? PopFrom(mark) : throw Bad("an opcode that wants a mark, and there is none");

        object?[] PopFrom(int mark) => Pop(stack.Count - mark);

        object? Top() => stack.Count > Floor ? stack[^1] : throw Bad("an opcode that takes more from the stack than there is");

        T Top<T>(string what) => Top() is T top ? top : throw Bad($"an opcode that needs {what} and finds something else");

        static PickleTuple Tuple(object?[] items) => new(ImmutableCollectionsMarshal.AsImmutableArray(items));

        static PickleList Append(PickleList list, object?[] items)
        {
            list.Items.AddRange(items);
            return list;
        }

        PickleList Append(object?[] items) => Append(Top<PickleList>("a list"), items);

        PickleDict Set(PickleDict dict, object?[] items)
        {
            if (items.Length % 2 != 0)
                throw Bad("a dict key without a value");
            for (var i = 0; i < items.Length; i += 2)
                dict.Items.Add(new(items[i], items[i + 1]));
            return dict;
        }

        PickleDict Set(object?[] items) => Set(Top<PickleDict>("a dict"), items);

        object? Memoize(long index) => memo[index] = Top();

        object? Recall(long index) => memo.TryGetValue(index, out var value) ? Push(value) : throw Bad($"memo entry {index}, which was never set");

        PickleName Global(string module, string name)
        {
            var full = $"{module}.{name}";
            return rules.Constructors.ContainsKey(full) ? new(full) : throw new TorchletException(
                $"it names '{Printable.Of(full)}', "
                + (rules.Advice?.Invoke(full) ?? "which plain weights do not need, so it was refused and nothing was run; "
                    + "save a dict of arrays or model.state_dict(), and do not trust a file from a stranger"));
        }

        object? Call(object?[] call) => call switch
        {
            [PickleName { Name: var name }, PickleTuple arguments] when rules.Constructors[name] is { } construct => construct(arguments.Items),
            [PickleName { Name: var name }, PickleTuple] => throw Bad($"a call of {name}"),
            _ => throw Bad("a call of something without a name"),
        };

        object? Build(object? state)
        {
            // A state dict has attributes (_metadata) next to its items. Weights do not need them.
            if (Top() is not PickleDict)
                Top<IPickleState>("an object that takes a state").SetState(state);
            return null;
        }

        object? Protocol(byte version) => version <= 5 ? null : throw Bad($"protocol {version}; protocols 0 to 5 are known, so save it again with protocol=4");

        uint Short(uint length) => length <= MaxDigits ? length : throw Bad($"an integer of {length} bytes");

        static object Integer(ReadOnlyMemory<byte> little) => Integer(new BigInteger(little.Span));

        static object Integer(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

        object Integer(string digits) =>
            digits.Length <= MaxDigits && BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, Invariant, out var value) ? Integer(value)
            : throw Bad($"the integer '{Printable.Of(digits)}'");

        double Float(string digits) =>
            double.TryParse(digits, NumberStyles.Float, Invariant, out var value) ? value : throw Bad($"the number '{Printable.Of(digits)}'");

        long Line() => Integer(Ascii(In.Line())) is long index ? index : throw Bad("a memo index beyond 64 bits");

        string Utf(ReadOnlyMemory<byte> text) => Utf8.IsValid(text.Span) ? Encoding.UTF8.GetString(text.Span) : throw Bad("text that is not UTF-8");

        static string Ascii(ReadOnlySpan<byte> text) => Encoding.Latin1.GetString(text);

        /// <summary>Protocol 0's text: Latin-1, with \uXXXX for other characters.</summary>
        string RawUnicodeEscape(ReadOnlySpan<byte> line)
        {
            var text = new StringBuilder(line.Length);
            for (var i = 0; i < line.Length; i++)
                if (line[i] == '\\' && i + 1 < line.Length && line[i + 1] == 'u')
                    (_, i) = (text.Append((char)Hex(line, i + 2, 4)), i + 5);
                else
                    text.Append((char)line[i]);
            return text.ToString();
        }

        /// <summary>Python 2's quoted string of protocol 0.</summary>
        string StringEscape(ReadOnlySpan<byte> line)
        {
            if (line.Length < 2 || line[0] is not ((byte)'\'' or (byte)'"') || line[^1] != line[0])
                throw Bad("a string without quotes");
            var inner = line[1..^1];
            var text = new StringBuilder(line.Length);
            for (var i = 0; i < inner.Length; i++)
                if (inner[i] == '\\' && i + 1 < inner.Length)
                    i += Escaped(inner, i + 1, text);
                else
                    text.Append((char)inner[i]);
            return text.ToString();
        }

        /// <summary>Appends the character of the escape at <paramref name="at"/>, and returns the escape's length in bytes.</summary>
        int Escaped(ReadOnlySpan<byte> line, int at, StringBuilder text)
        {
            var (c, taken) = (char)line[at] switch
            {
                'x' => ((char)Hex(line, at + 1, 2), 3),
                'n' => ('\n', 1),
                'r' => ('\r', 1),
                't' => ('\t', 1),
                var quoted and ('\\' or '\'' or '"') => (quoted, 1),
                _ => throw Bad("an unknown escape in a string"),
            };
            text.Append(c);
            return taken;
        }

        int Hex(ReadOnlySpan<byte> line, int at, int digits) =>
            at + digits <= line.Length && int.TryParse(Ascii(line.Slice(at, digits)), NumberStyles.AllowHexSpecifier, Invariant, out var value) ? value
            : throw Bad("an escape without its digits");

        TorchletException Bad(string what) => new($"at byte {In.At} the pickle holds {what}; the file is damaged or no weights file");
    }
}

/// <summary>Names that a pickle may use.</summary>
/// <param name="Constructors">The function for each <c>module.name</c>, or null for a name that may be mentioned but not called.</param>
/// <param name="Persistent">The object for a persistent id.</param>
/// <param name="Advice">For a well-known name that is not among the constructors: its meaning, and the thing to save instead.</param>
public sealed record PickleRules(
    ImmutableDictionary<string, Func<ImmutableArray<object?>, object?>?> Constructors,
    Func<object?, object?>? Persistent = null,
    Func<string, string?>? Advice = null);

/// <summary>An object that takes its state after it was constructed (Python's <c>__setstate__</c>).</summary>
public interface IPickleState
{
    /// <summary>Takes the state; unusable state is a <see cref="TorchletException"/>.</summary>
    void SetState(object? state);
}

/// <summary>A tuple.</summary>
public sealed record PickleTuple(ImmutableArray<object?> Items);

/// <summary>A list, which later opcodes of the same pickle may extend.</summary>
public sealed class PickleList
{
    /// <summary>Its items.</summary>
    public List<object?> Items { get; } = [];
}

/// <summary>A dict, which later opcodes of the same pickle may extend.</summary>
public sealed class PickleDict
{
    /// <summary>Its items in the order set. If a key comes twice, the last item counts.</summary>
    public List<KeyValuePair<object?, object?>> Items { get; } = [];
}

/// <summary>A global that a pickle mentions, as <c>module.name</c>.</summary>
public sealed record PickleName(string Name);
