namespace Torchlet;

/// <summary>Files with a content that ends. A pipe, a device or a socket has none, and merely to open one may take for ever.</summary>
static class RegularFile
{
    /// <summary>Opens such a file, or what a link with its name leads to.</summary>
    /// <exception cref="TorchletException">It is empty, or something else than a file; the message says so without naming it.</exception>
    public static FileStream OpenRead(string path)
    {
        var file = new FileInfo(path);
        // What is no regular file has no length.
        return (file.ResolveLinkTarget(returnFinalTarget: true) ?? file) is FileInfo { Exists: true, Length: > 0 }
            ? File.OpenRead(path)
            : throw new TorchletException("is empty or no regular file");
    }
}
