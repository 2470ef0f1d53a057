namespace Torchlet.Tests;

/// <summary>A folder with four small IDX files in MNIST's format, so that a script can run anywhere and soon.</summary>
static class SmallMnist
{
    /// <summary>Writes the four files: 28×28 images whose bright row tells the label.</summary>
    public static string Write(string folder, int train = 600, int test = 200)
    {
        foreach (var (name, count) in new[] { ("train", train), ("t10k", test) })
        {
            var labels = Enumerable.Range(0, count).Select(i => (byte)(i * 7 % 10)).ToArray();
            var images = labels.SelectMany((label, i) =>
                Enumerable.Range(0, 784).Select(p => (byte)(p / 28 == 2 * label + 4 ? 200 + p % 50 : (i + p) % 40))).ToArray();
            File.WriteAllBytes(Path.Combine(folder, $"{name}-images-idx3-ubyte"), Idx.Bytes(images, count, 28, 28));
            File.WriteAllBytes(Path.Combine(folder, $"{name}-labels-idx1-ubyte"), Idx.Bytes(labels, count));
        }
        return folder;
    }
}
