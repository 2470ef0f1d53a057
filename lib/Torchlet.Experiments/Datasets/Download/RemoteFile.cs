namespace Torchlet;

/// <summary>A file that mirrors serve, and how to know that it is the right one.</summary>
/// <param name="Name">Its name, on the mirrors and on disk.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Sha256">Its SHA-256, in lower-case hexadecimal.</param>
public sealed record RemoteFile(string Name, long Length, string Sha256);
