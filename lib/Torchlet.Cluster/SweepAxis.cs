using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Torchlet;

/// <summary>An option that a sweep varies, and how.</summary>
/// <param name="Option">Its name.</param>
/// <param name="Values">The values that it takes, as they are typed.</param>
sealed record SweepAxis(string Option, ImmutableArray<string> Values)
{
    /// <summary>Whether they are drawn from a range of numbers, so that hardly two are the same.</summary>
    public bool IsOfRange { get; private init; }

    /// <summary>The axis of <c>option=a,b,c</c>, or of <c>option=a,b;c</c> where the values are lists.</summary>
    /// <exception cref="CommandLineException">It is no such text, or a value stands twice.</exception>
    public static SweepAxis Of(string line, string from = "--grid")
    {
        var (option, text) = Parts(line, from);
        ImmutableArray<string> values = [.. text.Contains(';') ? text.TrimEnd(';').Split(';') : text.Split(',')];
        return values.GroupBy(v => v).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new CommandLineException($"{from} {line}: '{twice.Key}' stands twice; give each value once.")
            : new(option, values);
    }

    /// <summary>
    /// The axis of so many draws: evenly from <c>option=a..b</c>, by their logarithms from <c>option=log:a..b</c>, whole numbers from
    /// <c>option=whole:a..b</c>, or of a list. A draw depends on the option, its range and its number alone: asked for more, the first stay what they were.
    /// </summary>
    /// <exception cref="CommandLineException">It is no such text, or a range is empty.</exception>
    public static SweepAxis Drawn(string line, int count)
    {
        const string from = "--with";
        var (option, text) = Parts(line, from);
        var (kind, range) = text.Split(':', 2) is ["log" or "whole", _] and var named ? (named[0], named[1]) : ("", text);
        if (range.Split("..") is not [var first, var last])
        {
            var values = Of(line, from).Values;
            return new(option, [.. Enumerable.Range(0, count).Select(i => values[(int)(values.Length * Share(line, i))])]);
        }
        var (low, high) = (Number(first), Number(last));
        if (!(low < high) || (kind == "log" && low <= 0))
            throw new CommandLineException($"{from} {line}: want the lower number first{(kind == "log" ? ", above 0" : "")}.");
        return new(option, [.. Enumerable.Range(0, count).Select(i => Value(Share(line, i)))]) { IsOfRange = true };

        string Value(double share) => kind switch
        {
            "log" => Text(Math.Exp(Math.Log(low) + share * Math.Log(high / low))),
            "whole" => Math.Floor(low + share * (high - low + 1)).ToString(CultureInfo.InvariantCulture),
            _ => Text(low + share * (high - low)),
        };
        double Number(string number) => double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && double.IsFinite(x) ? x
            : throw new CommandLineException($"{from} {line}: '{Printable.Of(number)}' is no number.");
        // Six digits: a person can type them again.
        static string Text(double x) => x.ToString("g6", CultureInfo.InvariantCulture);
    }

    /// <summary>The seeds of <c>0..4</c> or <c>0,1,2</c>.</summary>
    /// <exception cref="CommandLineException">They are none.</exception>
    public static SweepAxis OfSeeds(string text)
    {
        const int most = 100_000;
        var seeds = text.Split("..") is [var first, var last] ? (Low: Whole(first), High: Whole(last)) : default((long Low, long High)?);
        if (seeds is not { Low: var low, High: var high }) return Of($"{SweepPlan.Seed}={string.Join(',', text.Split(',').Select(Whole))}", "--seeds");
        if (low > high || high - low >= most) throw new CommandLineException($"--seeds {text}: want the lower one first, and at most {most} of them.");
        return new(SweepPlan.Seed, [.. Enumerable.Range(0, (int)(high - low) + 1).Select(i => (low + i).ToString(CultureInfo.InvariantCulture))]);

        long Whole(string seed) => long.TryParse(seed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n
            : throw new CommandLineException($"--seeds {Printable.Of(text)}: want whole numbers, such as 0..4 or 0,1,2.");
    }

    static (string Option, string Text) Parts(string line, string from) =>
        line.Split('=', 2) is [{ Length: > 0 } option, { Length: > 0 } text] ? (option.TrimStart('-'), text)
        : throw new CommandLineException($"{from} {Printable.Of(line)}: want an option and its values, such as lr=1e-4,1e-3.");

    /// <summary>In [0, 1): 53 bits of the SHA-256 of what is drawn and which one it is.</summary>
    static double Share(string line, int index) =>
        (BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{line} {index}"))) >> 11) * (1.0 / (1L << 53));
}
