using System.Buffers.Binary;
using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// PyTorch's random numbers as a value: a draw gives the numbers and the generator that draws the next ones, and leaves this one
/// as it was. The draws are those of PyTorch's CPU generator (mt19937), number for number.
/// </summary>
public sealed record TorchRandom
{
    /// <summary>The generator's state, as <c>torch.Generator.get_state()</c> lays it out.</summary>
    public ImmutableArray<byte> State { get; }

    // PyTorch's layout: seed, 8 bytes; left, 4; seeded, 4; next, 8; 624 words of 8; three doubles for normal numbers, and whether they count; a float, and
    // whether it counts.
    const int Length = 5056, Left = 8, SeededAt = 12, Next = 16, NormalCounts = 5040, FloatCounts = 5052, Words = 624;

    /// <summary>The generator whose state is <paramref name="state"/>.</summary>
    /// <exception cref="ArgumentException">The bytes are not the state of a generator. libtorch would end the process.</exception>
    public TorchRandom(ImmutableArray<byte> state) => State = IsState(state) ? state
        : throw new ArgumentException(
            $"want the {Length} bytes of a generator's state, got {(state.IsDefault ? 0 : state.Length)} that are none", nameof(state));

    static bool IsState(ImmutableArray<byte> state)
    {
        if (state.IsDefault || state.Length != Length) return false;
        var bytes = state.AsSpan();
        var (left, next) = (BinaryPrimitives.ReadInt32LittleEndian(bytes[Left..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[Next..]));
        return BinaryPrimitives.ReadInt32LittleEndian(bytes[SeededAt..]) == 1 && left is >= 1 and <= Words && next <= Words
            && left + (int)next <= Words + 1 && bytes[NormalCounts] is 0 or 1 && bytes[FloatCounts] is 0 or 1;
    }

    /// <summary>The generator after <c>torch.manual_seed(seed)</c>.</summary>
    public static TorchRandom Seeded(long seed)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return new(StateOf(generator));
    }

    /// <summary>Its name alone: the state is thousands of bytes.</summary>
    public override string ToString() => nameof(TorchRandom);

    /// <summary>Numbers uniform in [low, high): <c>tensor.uniform_(low, high)</c>.</summary>
    /// <returns>float32 of the given shape, and the next generator.</returns>
    public (Tensor Numbers, TorchRandom Next) Uniform(ReadOnlySpan<long> shape, double low, double high)
    {
        var numbers = empty(shape, ScalarType.Float32);
        return (numbers, Draw(g => numbers.uniform_(low, high, g)));
    }

    /// <summary>Numbers of a normal distribution: <c>tensor.normal_(mean, deviation)</c>.</summary>
    /// <returns>float32 of the given shape, and the next generator.</returns>
    public (Tensor Numbers, TorchRandom Next) Normal(ReadOnlySpan<long> shape, double mean = 0, double deviation = 1)
    {
        var numbers = empty(shape, ScalarType.Float32);
        return (numbers, Draw(g => numbers.normal_(mean, deviation, g)));
    }

    /// <summary>1 with this probability, else 0: <c>empty_like(like).bernoulli_(probability)</c>.</summary>
    /// <returns>As <paramref name="like"/> in shape, element type and device, and the next generator.</returns>
    public (Tensor Numbers, TorchRandom Next) Bernoulli(Tensor like, double probability)
    {
        // Drawn on the CPU wherever the result is to live: the generator is the CPU's.
        var numbers = like.device.type == TorchSharp.DeviceType.CPU ? empty_like(like) : empty_like(like, device: CPU);
        var next = Draw(g => numbers.bernoulli_(probability, g));
        return (numbers.to(like.device), next);
    }

    /// <summary>One integer in [0, 2⁶³): <c>torch.empty((), dtype=int64).random_()</c>.</summary>
    public (long Number, TorchRandom Next) Int64()
    {
        var number = 0L;
        // random_() is one 64-bit draw modulo 2⁶³. The draw over the whole range of int64 is the same one, less 2⁶³.
        var next = Draw(g => number = (randint_long(long.MinValue, long.MaxValue, g) - long.MinValue) & long.MaxValue);
        return (number, next);
    }

    /// <summary>A random order of 0 … count − 1: <c>torch.randperm(count)</c> of a generator seeded with <paramref name="seed"/>.</summary>
    /// <returns>[count], int64.</returns>
    public static Tensor Permutation(long count, long seed)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return randperm(count, ScalarType.Int64, generator: generator);
    }

    /// <summary>Integers uniform in [0, high): <c>torch.randint(high, (count,))</c> of a generator seeded with <paramref name="seed"/>.</summary>
    /// <returns>[count], int64.</returns>
    public static Tensor Integers(long high, long count, long seed)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return randint(0, high, [count], ScalarType.Int64, generator: generator);
    }

    /// <summary>
    /// Places drawn with replacement, with probabilities proportional to weights: <c>torch.multinomial(weights, count, replacement=True)</c>.
    /// </summary>
    /// <param name="weights">[n], float, finite, ≥ 0, not all of them 0.</param>
    /// <param name="count">How many draws.</param>
    /// <returns>[count], int64, in 0 … n − 1, and the next generator.</returns>
    /// <exception cref="ArgumentException">The weights are others.</exception>
    public (Tensor Places, TorchRandom Next) Multinomial(Tensor weights, int count)
    {
        using var scope = NewDisposeScope();
        var (least, sum) = (weights.Want("weights", -1).min().Number(), weights.sum().Number());
        if (!(least >= 0 && sum > 0 && double.IsFinite(sum)))
            throw new ArgumentException(FormattableString.Invariant(
                $"weights: want finite numbers from 0, not all of them 0, got a least of {least} and a sum of {sum}."), nameof(weights));
        Tensor? places = null;
        var next = Draw(g => places = multinomial(weights, count, replacement: true, generator: g));
        return (places!.MoveToOuterDisposeScope(), next);
    }

    /// <summary>Whether the two draw the same numbers.</summary>
    public bool Equals(TorchRandom? other) => other is not null && State.AsSpan().SequenceEqual(other.State.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(State.AsSpan());
        return hash.ToHashCode();
    }

    TorchRandom Draw(Action<Generator> draw)
    {
        using var generator = new Generator(0, CPU);
        using var state = tensor(State.ToArray(), ScalarType.Byte);
        generator.set_state(state);
        draw(generator);
        return new(StateOf(generator));
    }

    static ImmutableArray<byte> StateOf(Generator generator)
    {
        using var state = generator.get_state();
        return [.. state.bytes];
    }
}
