using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What was read from an IDX file.</summary>
/// <param name="Elements">uint8 of the dimensions that the file declares.</param>
/// <param name="Checksum">SHA-256 of the file as it lies on disk.</param>
/// <param name="Unpacked">SHA-256 of the file as it is unpacked, which tells its content however it is packed.</param>
sealed record IdxContent(Tensor Elements, string Checksum, string Unpacked);
