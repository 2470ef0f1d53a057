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

    /// <summary>Whether the folder's first images are those that today's generator draws, and all of them are there.</summary>
    static bool IsCurrent(string folder)
    {
        if (!IdxFolder.IsWhole(folder)) return false;
        using var file = File.OpenRead(IdxFolder.Find(folder, "train-images-idx3-ubyte")!);
        var header = Idx.Header(Train, Side, Side);
        var start = new byte[header.Length + Sample * Pixels];
        return file.Length == header.Length + (long)Train * Pixels
            && file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
            && start.AsSpan(header.Length).SequenceEqual(SyntheticDigits.Draw(SyntheticDigits.Seed, 0, Sample).Pixels);
    }

    static void Write(string folder, string split, int first, int count, CancellationToken stop)
    {
        var labels = new List<byte>(count);
        AtomicFile.Write(Path.Combine(folder, $"{split}-images-idx3-ubyte"), path =>
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
        AtomicFile.Write(Path.Combine(folder, $"{split}-labels-idx1-ubyte"), path => File.WriteAllBytes(path, Idx.Bytes([.. labels], count)));
    }
}
