using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Identifies data that are not just those of files: examples made in a script, or chosen from those of a file.</summary>
static class DataInMemory
{
    /// <summary>The name of their checksum among those of the files.</summary>
    public const string Name = "examples in memory";

    const int Rows = 4096;

    /// <summary>The same data, with a checksum of their tensors unless those of the files tell which they are.</summary>
    public static Dataset Identified(Dataset data) =>
        data.AreOfFiles ? data : data with { Checksums = data.Checksums.SetItem(Name, Sha256(data)) };

    /// <summary>SHA-256 of the element type, the shape and the numbers of each tensor, and of the name of each side column.</summary>
    static string Sha256(Dataset data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in data.Parts)
        {
            if (name is not ("inputs" or "targets")) hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n"));
            hash.AppendData(Encoding.UTF8.GetBytes($"{tensor.dtype} {Shapes.Show(tensor.shape)}\n"));
            foreach (var range in Batches.Ranges((int)tensor.size(0), Rows)) // A span holds two gigabytes at most.
            {
                using var scope = NewDisposeScope();
                hash.AppendData(tensor[range].cpu().contiguous().bytes);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
