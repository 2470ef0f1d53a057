using System.Security.Cryptography;

namespace Csx;

/// <summary>A file that a script was compiled from, with the stamp that it had then.</summary>
/// <param name="IsSource">True for a script file, false for a file named by <c>#r</c> or needed by such a file.</param>
/// <param name="Stamp">Of a script file its content, of a reference its length and time of writing: libraries are large, and each build rewrites them.</param>
/// <param name="Path">The full path.</param>
sealed record ScriptInput(bool IsSource, string Stamp, string Path)
{
    const char Separator = '\t';

    /// <summary>The input that a script file with this content is.</summary>
    public static ScriptInput Source(string path, byte[] content) => new(true, Hash(content), path);

    /// <summary>The input that the library file at <paramref name="path"/> is now.</summary>
    public static ScriptInput Reference(string path)
    {
        var file = new FileInfo(path);
        return new(false, file.Exists ? $"{file.Length}-{file.LastWriteTimeUtc.Ticks}" : "missing", path);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null if it is anything else.</summary>
    public static ScriptInput? Parse(string line) => line.Split(Separator) is [var kind, var stamp, var path]
        ? new(kind == nameof(Source), stamp, path)
        : null;

    /// <summary>Whether the file at the path still has this stamp.</summary>
    public bool IsUnchanged() => this == (IsSource ? File.Exists(Path) ? Source(Path, File.ReadAllBytes(Path)) : null : Reference(Path));

    /// <summary>One line: the kind, the stamp and the path.</summary>
    public override string ToString() => string.Join(Separator, IsSource ? nameof(Source) : nameof(Reference), Stamp, Path);

    /// <summary>SHA-256 in hexadecimal digits.</summary>
    public static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
