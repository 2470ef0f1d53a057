namespace Torchlet;

/// <summary>The synthetic digits on disk, as IDX files like any other data set's.</summary>
static class SyntheticFolder
{
    public const int Train = 60_000, Test = 10_000;

    const int Side = SyntheticDigits.Side, Pixels = Side * Side, Sample = 100;

    /// <summary>Draws the digits into the folder, unless they are there.</summary>
    /// <returns>Whether they had to be drawn.</returns>
    public static bool Fill(string folder, CancellationToken stop)
    {
        using var turn = FolderLock.Take(folder, stop).GetAwaiter().GetResult();
        if (IsCurrent(folder)) return false;
        Write(folder, "t10k", first: Train, Test, stop);
        Write(folder, "train", first: 0, Train, stop);
        return true;
    }

    /// <summary>Whether the first examples of both splits are those that today's generator draws, and all of them are there.</summary>
    public static bool IsCurrent(string folder) =>
        IdxFolder.IsWhole(folder) && IsCurrent(folder, "t10k", first: Train, Test) && IsCurrent(folder, "train", first: 0, Train);

    static bool IsCurrent(string folder, string split, int first, int count)
    {
        var (pixels, labels) = SyntheticDigits.Draw(SyntheticDigits.Seed, first, Sample);
        return Begins(ImagesOf(folder, split), [.. Idx.Header(count, Side, Side), .. pixels], (long)(count - Sample) * Pixels)
            && Begins(LabelsOf(folder, split), [.. Idx.Header(count), .. labels], count - Sample);
    }

    /// <summary>Whether a file consists of these bytes and so many more.</summary>
    static bool Begins(string path, byte[] wanted, long more)
    {
        if (new FileInfo(path) is not { Exists: true } file || file.Length != wanted.Length + more) return false;
        using var stream = file.OpenRead();
        var start = new byte[wanted.Length];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan().SequenceEqual(wanted);
    }

    static void Write(string folder, string split, int first, int count, CancellationToken stop)
    {
        var labels = new List<byte>(count);
        AtomicFile.Write(ImagesOf(folder, split), path =>
        {
            using var file = File.Create(path);
            file.Write(Idx.Header(count, Side, Side));
            // By the chunk, so that the whole set never stands in memory twice.
            foreach (var range in Batches.Ranges(count, size: 2_000))
            {
                stop.ThrowIfCancellationRequested();
                var (pixels, chunk) = SyntheticDigits.Draw(SyntheticDigits.Seed, first + range.Start.Value, range.End.Value - range.Start.Value);
                file.Write(pixels);
                labels.AddRange(chunk);
            }
        });
        AtomicFile.Write(LabelsOf(folder, split), path => File.WriteAllBytes(path, Idx.Bytes([.. labels], count)));
    }

    static string ImagesOf(string folder, string split) => Path.Combine(folder, $"{split}-images-idx3-ubyte");

    static string LabelsOf(string folder, string split) => Path.Combine(folder, $"{split}-labels-idx1-ubyte");
}
