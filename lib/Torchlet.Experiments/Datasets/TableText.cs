using System.Text;

namespace Torchlet;

/// <summary>
/// The text of a file, such as a table: UTF-8, UTF-16 with a byte order mark, or CP949, the encoding in which Excel for Korean saves a .csv. Any other would
/// give garbled names of classes.
/// </summary>
static class TableText
{
    const int Piece = 1 << 20;

    /// <summary>Opens the text from the file's start.</summary>
    /// <param name="file">The file.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <param name="program">What saves such files as CP949, in messages.</param>
    /// <param name="saveAs">How to save the file instead, in messages.</param>
    /// <returns>A reader that closes the file, and a remark where the encoding was a guess.</returns>
    /// <exception cref="TorchletException">The bytes are not text in one of these encodings; the message does not name the file.</exception>
    public static (StreamReader Text, string? Remark) Open(
        Stream file, CancellationToken stop, string program = "Korean Excel", string saveAs = "CSV UTF-8")
    {
        var start = new byte[3];
        file.Position = 0;
        file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);
        Encoding? marked = start switch
        {
            [0xEF, 0xBB, 0xBF] => utf8,
            [0xFF, 0xFE, _] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xFE, 0xFF, _] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => null,
        };
        if (IsIn(marked ?? utf8)) return (Reader(marked ?? utf8), null);
        // Not registered as one of .NET's encodings: that would change what other code of the process reads.
        var korean = CodePagesEncodingProvider.Instance.GetEncoding(949, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;
        return marked is null && IsIn(korean) ? (Reader(korean), $"read as CP949 ({program}), since it is not UTF-8")
            : throw new TorchletException($"is text neither in UTF-8 nor in CP949 ({program}); save it as {saveAs}");

        StreamReader Reader(Encoding encoding)
        {
            file.Position = 0;
            return new(file, encoding, detectEncodingFromByteOrderMarks: false);
        }

        bool IsIn(Encoding encoding)
        {
            file.Position = 0;
            var (decoder, bytes, text) = (encoding.GetDecoder(), new byte[Piece], new char[encoding.GetMaxCharCount(Piece)]);
            try
            {
                while (true)
                {
                    stop.ThrowIfCancellationRequested();
                    var count = file.Read(bytes);
                    var characters = decoder.GetChars(bytes, 0, count, text, 0, flush: count == 0);
                    if (text.AsSpan(0, characters).Contains('\0')) return false; // UTF-16 without a mark, or no text at all.
                    if (count == 0) return true;
                }
            }
            catch (DecoderFallbackException)
            {
                return false;
            }
        }
    }
}
