namespace Torchlet;

/// <summary>How far a download is.</summary>
/// <param name="File">What is downloaded.</param>
/// <param name="Received">Bytes on disk, those of an earlier run included.</param>
/// <param name="BytesPerSecond">Rate since this run began.</param>
public sealed record DownloadProgress(RemoteFile File, long Received, double BytesPerSecond);
