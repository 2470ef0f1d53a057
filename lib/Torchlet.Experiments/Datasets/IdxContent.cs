using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What was read from an IDX file.</summary>
/// <param name="Elements">uint8 of the dimensions that the file declares.</param>
/// <param name="Checksum">SHA-256 of the file as it lies on disk.</param>
sealed record IdxContent(Tensor Elements, string Checksum);
