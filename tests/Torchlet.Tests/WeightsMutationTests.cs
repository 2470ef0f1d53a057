using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Compression;
using static Torchlet.Tests.WeightsExamples;

namespace Torchlet.Tests;

public class WeightsMutationTests
{
    static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    [Fact]
    public Task A_mutated_file_of_any_format_is_read_or_refused_in_one_line_with_little_memory() => Mutate(60_000);

    [LongFact]
    public Task A_mutated_file_of_any_format_is_read_or_refused_at_length() => Mutate(2_000_000);

    static async Task Mutate(int mutations)
    {
        var outcomes = new ConcurrentDictionary<string, int>();
        await Parallel.ForAsync(0, mutations, TestContext.Current.CancellationToken, async (seed, stop) =>
        {
            var (file, mutant) = Mutant(new(seed));
            try
            {
                // On a thread of its own: a hang must fail this test, not hang it.
                var outcome = await Task.Run(() => Outcome(mutant), stop).WaitAsync(Hang, stop);
                outcomes.AddOrUpdate(outcome, 1, (_, n) => n + 1);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, a mutant of {file}: {e}");
            }
        });
        // The mutations are worth something only if they get past the first check and differ in what they break.
        Assert.InRange(outcomes.GetValueOrDefault("read"), mutations / 100, mutations / 2);
        Assert.True(outcomes.Count > 100, $"only {outcomes.Count} kinds of outcome");
    }

    /// <summary>"read", or the reason without its numbers.</summary>
    static string Outcome(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var outcome = Read(bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        Assert.DoesNotContain(outcome, char.IsControl);
        Assert.InRange(outcome.Length, 4, 1000);
        return string.Concat(outcome.Where(c => !char.IsDigit(c)).Take(40));
    }

    static string Read(byte[] bytes)
    {
        try
        {
            LayerNames.Resolve(WeightsExamples.Read(bytes));
            return "read";
        }
        catch (TorchletException e)
        {
            return e.Message;
        }
    }

    static (string File, byte[] Bytes) Mutant(Random random)
    {
        var file = Files[random.Next(Files.Length)];
        var bytes = Good[file];
        return (file, (file[^2], random.Next(2)) switch
        {
            (_, 0) => Mutated(bytes, random),
            ('p', _) when bytes is [(byte)'P', ..] => MutatedInside(bytes, random),
            ('r', _) => [.. bytes[..8], .. Mutated(bytes[8..], random)],
            _ => Mutated(bytes, random),
        });
    }

    static readonly ImmutableDictionary<string, byte[]> Good = Files.ToImmutableDictionary(f => f, WeightsExamples.Bytes);

    /// <summary>One entry of a zip archive mutated and packed again, so that the checksum does not give it away.</summary>
    static byte[] MutatedInside(byte[] bytes, Random random)
    {
        using var from = new ZipArchive(new MemoryStream(bytes));
        using var file = new MemoryStream();
        var chosen = random.Next(from.Entries.Count);
        using (var to = new ZipArchive(file, ZipArchiveMode.Create))
            foreach (var (i, entry) in from.Entries.Index())
            {
                using var data = new MemoryStream();
                using (var unpacked = entry.Open())
                    unpacked.CopyTo(data);
                using var packed = to.CreateEntry(entry.FullName, (CompressionLevel)random.Next(1, 3)).Open();
                packed.Write(i == chosen ? Mutated(data.ToArray(), random) : data.ToArray());
            }
        return file.ToArray();
    }

    static byte[] Mutated(byte[] bytes, Random random)
    {
        for (var edits = random.Next(1, 4); edits > 0; edits--)
            bytes = Edited(bytes, random);
        return bytes;
    }

    static byte[] Edited(byte[] bytes, Random random)
    {
        var at = random.Next(bytes.Length + 1);
        var end = Math.Min(bytes.Length, at + random.Next(1, 40));
        return random.Next(8) switch
        {
            0 => [.. bytes[..at], .. bytes[end..]],
            1 => [.. bytes[..end], .. bytes[at..]],
            2 => bytes[..at],
            3 => [.. bytes[..at], .. Noise(random.Next(1, 12), random), .. bytes[at..]],
            4 => Overwritten(bytes, at, Number(random)),
            5 => Overwritten(bytes, at, [(byte)Opcodes[random.Next(Opcodes.Length)]]),
            6 => Overwritten(bytes, at, bytes[random.Next(bytes.Length + 1)..].Take(random.Next(1, 20)).ToArray()),
            _ => Overwritten(bytes, at, [(byte)(at < bytes.Length ? bytes[at] ^ 1 << random.Next(8) : 0)]),
        };
    }

    const string Opcodes = "().012FIJKLMNPQRSTUVXabcdeghijlopqrstu}]BCG"
        + "\u0080\u0081\u0082\u0085\u0086\u0087\u0088\u0089\u008a\u008b\u008c\u008d\u008e\u008f\u0090\u0093\u0094\u0095\u0096\u0097";

    static byte[] Noise(int count, Random random)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A number that code gets wrong: 0, 1, -1, the ends of 16, 32 and 64 bits, one more, one less, in 2, 4 or 8 bytes.</summary>
    static byte[] Number(Random random)
    {
        long[] interesting = [0, 1, 255, short.MaxValue, ushort.MaxValue, int.MaxValue, uint.MaxValue, long.MaxValue, long.MinValue, 1 << 20, 1 << 30];
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, unchecked(interesting[random.Next(interesting.Length)] + random.Next(-1, 2)));
        return bytes[..(2 << random.Next(3))];
    }

    static byte[] Overwritten(byte[] bytes, int at, byte[] with) => [.. bytes[..at], .. with, .. bytes[Math.Min(bytes.Length, at + with.Length)..]];
}
