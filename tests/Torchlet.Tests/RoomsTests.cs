using System.Text.RegularExpressions;

namespace Torchlet.Tests;

/// <summary>The order of reading: a file uses types of its own room or of an earlier one.</summary>
public sealed partial class RoomsTests
{
    // The folders below lib/Torchlet, in the order of reading; the files beside them come first.
    static readonly string[] Rooms =
    [
        "", "Tensors", "Data", "Models", "Optimizers", "Training", "Config", "Study",
        "Edge/Natives", "Edge/Console", "Edge/Files", "Edge/Options", "Edge/Datasets", "Edge/Weights", "Edge/Runs",
        "Edge/Cluster", "Edge/Plots", "Edge/Pages", "Edge/Doctor", "Edge",
    ];

    static string Library => Path.Combine(ProjectFolders.Root, "lib", "Torchlet");

    [Fact]
    public void A_file_uses_types_of_its_own_room_or_of_an_earlier_one()
    {
        var files = Directory.EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Library, f).Replace('\\', '/'))
            .Where(f => f.Split('/')[0] is not ("obj" or "bin"))
            .Select(f => (Name: f, Room: RoomOf(f), Code: Code(File.ReadAllText(Path.Combine(Library, f))))).ToList();
        var rooms = files.SelectMany(f => Declared(f.Code).Select(type => (type, f.Room))).DistinctBy(d => d.type).ToDictionary(d => d.type, d => d.Room);
        Assert.True(files.Count > 100 && rooms.Count > 100);

        var upwards = from file in files
                      from type in Used(file.Code)
                      where rooms.GetValueOrDefault(type, -1) > file.Room
                      select $"{file.Name} of {Rooms[file.Room]} uses {type} of {Rooms[rooms[type]]}";
        Assert.Empty(upwards);
    }

    [Fact]
    public void A_file_holds_one_type_and_bears_its_name()
    {
        var others = from file in Directory.EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories)
                     where Path.GetRelativePath(Library, file).Split(Path.DirectorySeparatorChar)[0] is not ("obj" or "bin")
                     from type in Declared(Code(File.ReadAllText(file))).Distinct()
                     where type != Path.GetFileNameWithoutExtension(file)
                     select $"{Path.GetRelativePath(Library, file)} holds {type}";
        Assert.Empty(others);
    }

    [Fact]
    public void Every_folder_is_a_room() =>
        Assert.Empty(Directory.EnumerateDirectories(Library).Concat(Directory.EnumerateDirectories(Path.Combine(Library, "Edge")))
            .Select(f => Path.GetRelativePath(Library, f).Replace('\\', '/')).Except([.. Rooms, "obj", "bin"]));

    [Theory]
    [InlineData("class A { B b = new C(\"D\"); } // E", "A B C")]
    [InlineData("record A(string B, C D) { int E => F.G(H: 1); I J = x with { K = 2 }; }", "A C F I")]
    [InlineData("/// <see cref=\"A\"/>\nreturn x is B ? (C)x : D<E>(typeof(F));", "B C D E F")]
    public void Uses_are_told_from_names_of_members_and_from_texts(string code, string types) =>
        Assert.Equal(types.Split(' '), Used(Code(code)).Where(word => word.Length == 1 && char.IsUpper(word[0])).Order());

    [Fact]
    public void Declared_types_are_found_whatever_they_are() => Assert.Equal(["A", "B", "C", "D", "E", "F"], Declared(
        "public sealed record A(int X);\nstatic partial class B\n{\n    class Inner;\n}\n"
        + "public delegate Tensor C(Tensor x);\nenum D { X }\n[Serializable]\npublic interface E;\nreadonly record struct F(int X);\n"));

    static int RoomOf(string file) => Array.FindLastIndex(Rooms, room => room == Path.GetDirectoryName(file)!.Replace('\\', '/')) is >= 0 and var own ? own
        : Rooms.Index().Where(r => r.Item.Length > 0 && file.StartsWith(r.Item + "/", StringComparison.Ordinal)).MaxBy(r => r.Item.Length).Index;

    static string Code(string text) => CommentOrText().Replace(text, "\"\"");

    static IEnumerable<string> Declared(string code) => Declaration().Matches(code).Select(m => m.Groups["name"].Value);

    static IEnumerable<string> Used(string code) => Use().Matches(code).Where(m => !IsDeclaredName(m)).Select(m => m.Groups["name"].Value).Distinct();

    // What follows a type is a name, unless it is a word of the language that stands before the name.
    static bool IsDeclaredName(Match use) => use.Groups["before"] is { Success: true, Value: var before } && !Words.Contains(before);

    static readonly HashSet<string> Words =
    [
        "abstract", "and", "as", "async", "await", "case", "class", "const", "delegate", "else", "enum", "event",
        "extern", "fixed", "from", "in", "init", "interface", "internal", "is", "let", "namespace", "new", "not",
        "operator", "or", "out", "override", "params", "partial", "private", "protected", "public", "readonly",
        "record", "ref", "required", "return", "scoped", "sealed", "select", "static", "struct", "switch", "this",
        "throw", "unsafe", "using", "virtual", "volatile", "when", "where", "with", "yield", "explicit", "implicit",
        "join",
    ];

    [GeneratedRegex("""\"{3,}[\s\S]*?\"{3,}|@\$?"(?:""|[^"])*"|\$*"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'|//[^\n]*|/\*[\s\S]*?\*/""")]
    private static partial Regex CommentOrText();

    [GeneratedRegex(
        @"^(?:(?:public|internal|sealed|static|abstract|readonly|partial|file|unsafe) )*"
        + @"(?:(?:class|record struct|record|struct|interface|enum) (?<name>\w+)|delegate [^(\n]*?(?<name>\w+)(?:<[^>\n]*>)?\()",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    // Not a member's name (after a dot), nor an argument's or a property's that is given a value.
    [GeneratedRegex(@"(?<![\w.])(?<=(?<!\w)(?<before>\w[\w>\[\]?]*)[ \n]+|)(?<name>[A-Z]\w*)\b(?![ ]*(?:=[^=>]|:[^:]))")]
    private static partial Regex Use();
}
