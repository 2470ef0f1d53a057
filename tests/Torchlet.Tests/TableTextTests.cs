using System.Text;

namespace Torchlet.Tests;

/// <summary>Tables in the encodings that people's programs save.</summary>
public sealed class TableTextTests : IDisposable
{
    const string Table = "길이,label\n1,개\n2,뷁펭귄\n3,개\n4,뷁펭귄\n";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static Encoding Korean => CodePagesEncodingProvider.Instance.GetEncoding(949)!;

    Dataset Read(byte[] bytes)
    {
        var path = Path.Combine(folder.Path, "table.csv");
        File.WriteAllBytes(path, bytes);
        return CsvFile.Read(path, areNumbers: false, default);
    }

    public static TheoryData<string, byte[]> Encodings => new(
        ("UTF-8", Encoding.UTF8.GetBytes(Table)), ("UTF-8 with a mark", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Table)]),
        ("UTF-16", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Table)]),
        ("UTF-16, big end first", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(Table)]),
        ("CP949", Korean.GetBytes(Table)), ("in parts", Encoding.UTF8.GetBytes(Table.Replace("개", "\u1100\u1162"))));

    [Theory, MemberData(nameof(Encodings))]
    public void Names_of_classes_are_read_whatever_the_encoding(string encoding, byte[] bytes)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var data = Read(bytes);
        Assert.Equal(["개", "뷁펭귄"], data.Classes);
        Assert.Equal(encoding == "CP949", data.Note!.Contains("read as CP949 (Korean Excel)"));
    }

    public static TheoryData<byte[]> NoText => new(
        Encoding.Latin1.GetBytes(Table.Replace("개", "Müller").Replace("뷁펭귄", "café")), Encoding.Unicode.GetBytes(Table),
        [.. Encoding.UTF8.Preamble, .. Korean.GetBytes(Table)], Encoding.UTF8.GetBytes(Table.Replace("개", "a\0b")));

    [Theory, MemberData(nameof(NoText))]
    public void Text_in_no_known_encoding_is_refused(byte[] bytes) =>
        Assert.Contains("table.csv is text neither in UTF-8 nor in CP949 (Korean Excel); save it as CSV UTF-8",
            Assert.Throws<TorchletException>(() => Read(bytes)).Message);
}
