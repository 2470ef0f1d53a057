using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Torchlet;

/// <summary>What kind of file a path names. .NET does not tell a device or a pipe from a file.</summary>
static partial class FileKind
{
    // As stat(2) numbers them, and where its answers keep them: statx on Linux, stat on macOS.
    const int Mask = 0xF000, Regular = 0x8000, Link = 0xA000, Folder = 0x4000;
    const int LinuxMode = 28, MacMode = 4, AnswerLength = 256;
    const int CurrentFolder = -100, NoFollow = 0x100;
    const uint WantType = 1;

    /// <summary>Whether a file may be put in the path's place: there is none yet, or an ordinary one, or a link, which is replaced and not followed.</summary>
    public static bool IsReplaceable(string path) => Kind(path) is null or Regular or Link;

    /// <summary>The kind of what is at the path, a link itself and not what it leads to; null for nothing.</summary>
    static int? Kind(string path)
    {
        if (OperatingSystem.IsWindows()) return Directory.Exists(path) ? Folder : null;
        var answer = new byte[AnswerLength];
        var (failed, mode) = OperatingSystem.IsMacOS() ? (lstat(path, ref answer[0]), MacMode)
            : (statx(CurrentFolder, path, NoFollow, WantType, ref answer[0]), LinuxMode);
        return failed != 0 ? null : BinaryPrimitives.ReadUInt16LittleEndian(answer.AsSpan(mode)) & Mask;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, ref byte answer);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lstat(string path, ref byte answer);
}
