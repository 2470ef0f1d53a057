using System.Security.Cryptography;
using System.Text;
using SkiaSharp;
using TorchSharp;

namespace Torchlet.Tests;

/// <summary>User-defined data: folders of pictures, Keras' .npz, Kaggle's .csv.</summary>
public sealed class OwnDataTests : IDisposable
{
    readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    string At(params string[] parts) => Path.Combine([temporary.Path, .. parts]);

    [Fact]
    public void Pictures_by_class_are_read_as_they_are_and_by_name()
    {
        OwnFiles.Pictures(At("train"), 3, "b", "a", "10", "9");
        OwnFiles.Pictures(At("test"), 2, "b", "a", "10", "9");
        File.WriteAllText(At("train", "a", ".hidden.png"), "no picture");
        File.WriteAllText(At("train", "a", "notes.txt"), "no picture");
        Directory.CreateDirectory(At("train", ".cache"));

        var data = Datasets.Load(temporary.Path);

        Assert.Equal(["10", "9", "a", "b"], data.Classes);
        Assert.Equal([12L, 1, 28, 28], data.Train.Inputs.shape);
        Assert.Equal((8, torch.ScalarType.Byte), (data.Test.Count, data.Train.Inputs.dtype));
        Assert.Equal([0L, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], data.Train.Targets.data<long>());
        // The second picture of class a, which was written as the second class.
        Assert.Equal(Enumerable.Range(0, 784).Select(p => (byte)(7 + 3 + p % 28 + p / 28)), data.Train.Inputs[7].bytes.ToArray());
        Assert.Equal((Path.GetFileName(temporary.Path), temporary.Path, null), (data.Name, data.Source, data.Note));
    }

    [Fact]
    public void The_checksum_of_pictures_is_that_of_what_sha256sum_prints_of_them()
    {
        OwnFiles.Pictures(temporary.Path, 2, "a", "b");
        var lines = new[] { "a/0.png", "a/1.png", "b/0.png", "b/1.png" }.Select(f =>
            $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(At(f))))}  {f}\n");
        var wanted = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
        Assert.Equal(wanted, Assert.Single(Datasets.Load(temporary.Path).Checksums).Value);
    }

    [Theory]
    [InlineData("train test", 10, 10, 0)]
    [InlineData("Training Testing", 10, 10, 0)]
    [InlineData("train val", 10, 10, 0)]
    [InlineData("train test valid", 10, 10, 10)]
    [InlineData("train", 8, 2, 0)]
    [InlineData(".", 8, 2, 0)]
    public void Parts_are_told_by_their_names_and_a_fifth_is_held_out_where_there_is_none(string parts, int train, int test, int validation)
    {
        foreach (var part in parts.Split(' ')) OwnFiles.Pictures(At(part), 5, "a", "b");
        var data = Datasets.Load(temporary.Path);
        Assert.Equal((train, test, validation), (data.Train.Count, data.Test.Count, data.Validation?.Count ?? 0));
        Assert.Equal(test == 2, data.Note is not null);
    }

    [Fact]
    public void A_class_may_be_called_train()
    {
        OwnFiles.Pictures(temporary.Path, 2, "car", "train");
        Assert.Equal(["car", "train"], Datasets.Load(temporary.Path).Classes);
    }

    [Fact]
    public void One_coloured_picture_makes_all_of_them_coloured()
    {
        OwnFiles.Pictures(temporary.Path, 2, "a", "b");
        OwnFiles.Picture(At("b", "x", "below.png"), 40, 30, (_, _) => new(10, 20, 30));
        var data = Datasets.Load(temporary.Path, side: 5);
        Assert.Equal([3L, 3, 5, 5], data.Train.Inputs.shape);
        var all = torch.cat([data.Train.Inputs, data.Test.Inputs]);
        byte[] wanted = [.. new byte[] { 10, 20, 30 }.SelectMany(channel => Enumerable.Repeat(channel, 25))];
        Assert.Contains(Enumerable.Range(0, 5), i => all[i].bytes.SequenceEqual(wanted));
    }

    public static TheoryData<string, string, string> PictureFaults => new(
        ("text", "b/1.png", "is not a picture, or is damaged; replace it"),
        ("cut", "b/1.png", "is a damaged picture"),
        ("empty", "b/1.png", "is empty or no regular file"),
        ("pipe", "b/1.png", "is empty or no regular file"),
        ("loop", "b/1.png", "cannot be read"),
        ("enormous", "b/1.png", "has 60000 × 50000 pixels; make it smaller"),
        ("two", "a/2.png", "is not a picture"),
        ("empty class", "c", "holds no picture (.png, .jpg, .jpeg"),
        ("one class", "", "has one class, 'a'; want two or more"),
        ("one picture", "", "has one example of the class 'c'; want two or more"),
        ("no class", "train", "holds no folders with pictures, one for each class"),
        ("link", "round", "is a link to a folder that contains it; remove it"),
        ("other classes", "test", "has the class 'c', which"),
        ("fewer classes", "test", "lacks the class 'b' of"));

    [Theory, MemberData(nameof(PictureFaults))]
    public void What_is_wrong_with_pictures_is_one_line_that_names_the_place(string fault, string place, string because)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs pipes and links");
        OwnFiles.Pictures(temporary.Path, 3, "a", "b");
        var path = At("b", "1.png");
        Action @break = fault switch
        {
            "text" => () => File.WriteAllText(path, "hello"),
            "cut" => () => File.WriteAllBytes(path, File.ReadAllBytes(OwnFiles.Picture(path, 28, 28, (x, y) => new((uint)(x * y * 7919) | 0xff000000)))[..^60]),
            "empty" => () => File.WriteAllBytes(path, []),
            "pipe" => () => Replace(path, HostileInput.MakePipe),
            "loop" => () => Replace(path, place => File.CreateSymbolicLink(place, place)),
            "enormous" => () => File.WriteAllBytes(path, Enormous(File.ReadAllBytes(path))),
            "two" => () => Array.ForEach([path, At("a", "2.png")], file => File.WriteAllText(file, "hello")),
            "empty class" => () => Directory.CreateDirectory(At("c", ".hidden")),
            "one class" => () => Directory.Delete(At("b"), true),
            "one picture" => () => OwnFiles.Pictures(temporary.Path, 1, "c"),
            "no class" => () => Parts([], []),
            "link" => () => Directory.CreateSymbolicLink(At("round"), temporary.Path),
            "other classes" => () => Parts(["a", "b"], ["a", "b", "c"]),
            "fewer classes" => () => Parts(["a", "b"], ["a"]),
            _ => throw new ArgumentException(fault),
        };
        @break();
        var message = Refusal(temporary.Path);
        Assert.StartsWith($"{(place.Length > 0 ? At(place) : temporary.Path)} ", message);
        Assert.Contains(because, message);
    }

    static void Replace(string path, Action<string> make)
    {
        File.Delete(path);
        make(path);
    }

    void Parts(string[] train, string[] test)
    {
        Directory.Delete(At("a"), true);
        Directory.Delete(At("b"), true);
        foreach (var (part, classes) in new[] { ("train", train), ("test", test) })
            OwnFiles.Pictures(Directory.CreateDirectory(At(part)).FullName, 1, classes);
    }

    /// <summary>A PNG that says it has three thousand million pixels: its header, checksum and all, is another one.</summary>
    static byte[] Enormous(byte[] png)
    {
        byte[] header = [.. "IHDR"u8, 0, 0, 0xea, 0x60, 0, 0, 0xc3, 0x50, .. png[24..29]];
        var sum = System.IO.Hashing.Crc32.HashToUInt32(header);
        return [.. png[..12], .. header, (byte)(sum >> 24), (byte)(sum >> 16), (byte)(sum >> 8), (byte)sum, .. png[33..]];
    }

    // A hang must fail a test, not hang it.
    static string Refusal(string place)
    {
        var before = GC.GetTotalAllocatedBytes();
        var message = Task.Run(() => Assert.Throws<TorchletException>(() => Datasets.Load(place)).Message)
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        Assert.DoesNotContain(message, char.IsControl);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64 << 20);
        return message;
    }

    public static TheoryData<string, string, string> Keras => new(
        ("|u1", "20, 4, 6", "20,1,4,6 Byte"),
        ("|u1", "20, 4, 6, 3", "20,3,4,6 Byte"),
        ("|u1", "20, 4, 6, 1", "20,1,4,6 Byte"),
        ("|u1", "20, 3, 4, 6", "20,3,4,6 Byte"),
        ("<f4", "20, 4, 6", "20,1,4,6 Float32"),
        ("<f8", "20, 7", "20,7 Float32"));

    [Theory, MemberData(nameof(Keras))]
    public void Arrays_of_a_npz_are_pictures_or_features(string type, string shape, string wanted)
    {
        var data = Datasets.Load(Write(type, shape));
        Assert.Equal(wanted, $"{string.Join(',', data.Train.Inputs.shape)} {data.Train.Inputs.dtype}");
        Assert.Equal(["2", "7", "10"], data.Classes);
        Assert.Equal([0L, 1, 2, 0], data.Train.Targets.data<long>().ToArray()[..4]);
        Assert.Equal(("data.npz", temporary.Path, "data.npz"), (data.Name, data.Source, Assert.Single(data.Checksums).Key));
    }

    [Fact]
    public void Channels_come_first_and_numbers_stay_what_they_are()
    {
        var data = Datasets.Load(Write("|u1", "20, 4, 6, 3"));
        Assert.Equal((byte)(3 * (6 * 2 + 5) + 1), data.Train.Inputs[0, 1, 2, 5].item<byte>());
        Assert.Equal(BitConverter.ToSingle([4, 5, 6, 7]), Datasets.Load(Write("<f4", "20, 4, 6")).Train.Inputs[0, 0, 0, 1].item<float>());
    }

    /// <summary>Twenty examples of three classes in both parts, whose bytes count up.</summary>
    string Write(string type, string shape)
    {
        var size = shape.Split(',').Aggregate(1, (n, length) => n * int.Parse(length)) * (type[2] - '0');
        byte[] bytes = [.. Enumerable.Range(0, size).Select(i => (byte)(i % 63))]; // No float of such bytes is NaN.
        byte[] labels = [.. Enumerable.Range(0, 20).Select(i => new byte[] { 2, 7, 10 }[i % 3])];
        return OwnFiles.Npz(At("data.npz"),
            ("x_train", type, shape, bytes), ("y_train", "|u1", "20, 1", labels), ("x_test", type, shape, bytes), ("y_test", "|u1", "20,", labels));
    }

    [Fact]
    public void MNIST_is_MNIST_also_in_a_npz()
    {
        SmallMnist.Write(temporary.Path, train: 30, test: 20);
        var files = IdxFolder.Names.Select(name => File.ReadAllBytes(At(name))).ToList();
        var known = KnownDataset.Mnist with { Contents = [.. files.Select(f => Convert.ToHexStringLower(SHA256.HashData(f)))] };
        var npz = OwnFiles.Npz(At("digits.npz"), ("x_train", "|u1", "30, 28, 28", files[0][16..]), ("y_train", "|u1", "30,", files[1][8..]),
            ("x_test", "|u1", "20, 28, 28", files[2][16..]), ("y_test", "|u1", "20,", files[3][8..]));
        Assert.Equal("MNIST", Datasets.Load(npz, new DataPlaces { Mnist = known }).Name);
        Assert.Equal("digits.npz", Datasets.Load(npz, new DataPlaces()).Name);
    }

    static byte[] Two => [0, 1];

    public static TheoryData<string, string> NpzFaults => new(
        ("no y_train", "lacks y_train; want the arrays x_train, y_train, x_test, y_test, got x_train.npy"),
        ("objects", "the array y_train is not a plain array of numbers"),
        ("counts", "holds 3 examples in x_train and 2 labels in y_train; want as many of both"),
        ("shapes", "holds Byte of shape [3] in x_train and Byte of [2] in x_test; want the same"),
        ("types", "holds Byte of shape [4] in x_train and Float32 of [1] in x_test; want the same"),
        ("integers", "x_train (2, 1) holds int32; save pixels of 0 to 255 as uint8"),
        ("flat", "x_train (2,) want [n, …], one example or more"),
        ("four channels", "x_train (2, 2, 1, 2) want pictures of one channel or of three"),
        ("one-hot", "y_train (2, 2) want labels, [n] or [n, 1]"),
        ("fractions", "y_train (2,) holds 0.5 at place 1; want labels, whole numbers"),
        ("huge label", "holds 1E+09 at place 0; want labels"),
        ("label of the test", "holds the label 5 at place 1 of y_test, which y_train lacks"),
        ("label of training", "lacks the label 1 of y_train in y_test"),
        ("one label", "has one class, '0'; want two or more"),
        ("NaN", "x_train (2, 1) holds NaN or infinity"),
        ("bomb", "it looks like a zip bomb"),
        ("text", "it is not a zip archive, or is damaged"),
        ("empty", "is empty or no regular file"));

    [Theory, MemberData(nameof(NpzFaults))]
    public void What_is_wrong_with_a_npz_is_one_line_that_names_the_array(string fault, string because)
    {
        var path = At("data.npz");
        (string, string, string, byte[])
            x = ("x_train", "|u1", "2, 3", new byte[6]), y = ("y_train", "|u1", "2,", Two),
            u = ("x_test", "|u1", "2, 3", new byte[6]), v = ("y_test", "|u1", "2,", Two);
        if (fault is "text") File.WriteAllText(path, "hello");
        else if (fault is "empty") File.WriteAllText(path, "");
        else if (fault is "bomb")
        {
            using var archive = System.IO.Compression.ZipFile.Open(path, System.IO.Compression.ZipArchiveMode.Create);
            using var entry = archive.CreateEntry("x_train.npy").Open();
            entry.Write(new byte[20 << 20]);
        }
        else OwnFiles.Npz(path, fault switch
        {
            "no y_train" => [x, u, v],
            "objects" => [x, ("y_train", "|O", "2,", Two), u, v],
            "counts" => [("x_train", "|u1", "3, 3", new byte[9]), y, u, v],
            "shapes" => [x, y, ("x_test", "|u1", "2, 2", new byte[4]), v],
            "types" => [("x_train", "|u1", "2, 4", new byte[8]), y, ("x_test", "<f4", "2, 1", new byte[8]), v],
            "integers" => [("x_train", "<i4", "2, 1", new byte[8]), y, u, v],
            "flat" => [("x_train", "|u1", "2,", Two), y, u, v],
            "four channels" => [("x_train", "|u1", "2, 2, 1, 2", new byte[8]), y, u, v],
            "one-hot" => [x, ("y_train", "|u1", "2, 2", new byte[4]), u, v],
            "fractions" => [x, ("y_train", "<f4", "2,", [.. BitConverter.GetBytes(0f), .. BitConverter.GetBytes(0.5f)]), u, v],
            "huge label" => [x, ("y_train", "<f4", "2,", [.. BitConverter.GetBytes(1e9f), .. BitConverter.GetBytes(0f)]), u, v],
            "label of the test" => [x, y, u, ("y_test", "|u1", "2,", [0, 5])],
            "label of training" => [x, y, u, ("y_test", "|u1", "2,", [0, 0])],
            "one label" => [x, ("y_train", "|u1", "2,", [0, 0]), u, v],
            "NaN" => [("x_train", "<f4", "2, 1", [.. BitConverter.GetBytes(0f), .. BitConverter.GetBytes(float.NaN)]), y, u, v],
            _ => throw new ArgumentException(fault),
        });
        var message = Refusal(path);
        Assert.StartsWith($"{path} ", message);
        Assert.Contains(because, message);
    }

    [Fact]
    public void Pixels_of_a_csv_are_pictures()
    {
        var data = Csv("label," + string.Join(',', Enumerable.Range(0, 64).Select(i => $"pixel{i}")),
            [.. Enumerable.Range(0, 20).Select(i => $"{i % 2 + 9},{string.Join(',', Enumerable.Range(0, 64).Select(p => (p + 100 * (i % 2)) % 256))}")]);
        Assert.Equal([16L, 1, 8, 8], data.Train.Inputs.shape);
        Assert.Equal(["9", "10"], data.Classes);
        Assert.Equal(4, data.Test.Count);
        Assert.All(Enumerable.Range(0, 16), i => Assert.Equal(100 * data.Train.Targets[i].item<long>() + 9, data.Train.Inputs[i, 0, 1, 1].item<byte>()));
        Assert.NotNull(data.Note);
    }

    [Fact]
    public void Numbers_of_a_csv_are_standardised_and_texts_are_classes()
    {
        var data = Csv("Id,width,\"species\",constant",
            [.. Enumerable.Range(0, 20).Select(i => $"{i},{i * 0.5 - 3},{(i % 2 == 0 ? "\"Iris, setosa\"" : " virginica ")},0.1")]);
        Assert.Equal(["Iris, setosa", "virginica"], data.Classes);
        Assert.Equal([16L, 2], data.Train.Inputs.shape);
        Tensors.AssertClose(torch.zeros(2), data.Train.Inputs.mean([0L]), 1e-6);
        Tensors.AssertClose(torch.tensor(new[] { 1f, 0 }), data.Train.Inputs.std(0, unbiased: false), 1e-6);
    }

    [Fact]
    public void A_csv_of_numbers_alone_begins_with_the_labels()
    {
        var data = Csv("3,0.5,1", "1,0.5,2", "3,1,1", "1,2,2", "");
        Assert.Equal(["1", "3"], data.Classes);
        Assert.Equal((2, 2), (data.Train.Count, data.Test.Count));
    }

    Dataset Csv(params string[] lines)
    {
        File.WriteAllLines(At("table.csv"), lines);
        return Datasets.Load(At("table.csv"));
    }

    Dataset Csv(string header, string[] lines) => Csv([header, .. lines]);

    public static TheoryData<string, string> CsvFaults => new(
        ("", "is empty or no regular file"),
        ("\n\n", "line 1 is empty; want a header"),
        ("a,b\n1,2\n", "line 1 names no column of labels (a, b); call the one with the classes label, class, target"),
        ("label,a\n", "holds no line after the header"),
        ("label,id\n1,2\n", "line 1 has no column of numbers next to the labels"),
        ("label\n1\n", "line 1 has no column of numbers next to the labels"),
        ("label,a\n1,2\n0,x\n", "line 3 has 'x' in column a; want a finite number"),
        ("label,a\n1,2\n0,\n", "line 3 has '' in column a; want a finite number"),
        ("label,a\n1,NaN\n", "line 2 has 'NaN' in column a"),
        ("label,a\n1,1e200\n", "line 2 has '1e200' in column a"),
        ("label,a\n\n1,2\n0,1,2\n", "line 4 has 3 fields, and the first line 2"),
        ("label,a\n1,2\n0\n", "line 3 has 1 fields, and the first line 2"),
        ("label,a\n,2\n", "line 2 has an empty label"),
        ("label,a\n\"1,2\n", "line 2 has a quotation mark that is not closed"),
        ("1,2\n1,z\n", "line 2 has 'z' in column 2"),
        ("label,a\n1,2\n1,3\n", "has one class, '1'"),
        ("label,a\n1,2\n1,3\n2,3\n", "has one example of the class '2'; want two or more"),
        ("\u001b[2J\u0007,b\n", "line 1 names no column of labels (?[2J?, b)"));

    [Theory, MemberData(nameof(CsvFaults))]
    public void What_is_wrong_with_a_csv_is_one_line_that_names_the_line(string text, string because)
    {
        File.WriteAllText(At("table.csv"), text);
        var message = Refusal(At("table.csv"));
        Assert.StartsWith($"{At("table.csv")} ", message);
        Assert.Contains(because, message);
    }

    [Fact]
    public void Neither_a_line_without_an_end_nor_a_label_for_each_example_is_a_table()
    {
        File.WriteAllText(At("table.csv"), "label,a\n1,");
        using (var file = File.OpenWrite(At("table.csv"))) file.SetLength(100L << 30); // Sparse: it takes no room.
        Assert.Contains("has a line of more than 2,097,152 bytes", Refusal(At("table.csv")));
        File.WriteAllLines(At("table.csv"), [.. Enumerable.Range(0, 1002).Select(i => $"{i},1")]);
        Assert.Contains("has 1,002 different labels; want at most 1,000 classes", Refusal(At("table.csv")));
    }

    [Theory, InlineData("nowhere"), InlineData("readme.doc")]
    public void What_is_no_data_is_told_what_would_be(string name)
    {
        File.WriteAllText(At("readme.doc"), "hello");
        Assert.Matches("^--data: .* holds no data set: want a folder with .*, a folder with one of pictures for each class, a Keras .npz, a .csv or a .txt",
            Refusal(At(name)));
    }

    [Fact]
    public void A_side_is_for_folders_of_pictures_alone()
    {
        SmallMnist.Write(temporary.Path, 20, 10);
        OwnFiles.Pictures(At("pictures"), 2, "a", "b");
        Assert.Equal([2L, 1, 4, 4], Datasets.Load(new TrainConfig { Data = At("pictures"), Side = 4 }).Train.Inputs.shape);
        Assert.Equal([2L, 1, 4, 4], Datasets.Load("auto", new DataPlaces { Named = At("pictures"), Side = 4 }).Train.Inputs.shape);
        foreach (var place in new[] { temporary.Path, Write("|u1", "20, 4, 6"), "mnist", "synthetic" })
            Assert.Equal($"--side 4: {place} has pictures of one size, or none; leave the option out.",
                Assert.Throws<TorchletException>(() => Datasets.Load(new TrainConfig { Data = place, Side = 4 })).Message);
    }

    [Fact]
    public void Reading_ends_on_request()
    {
        OwnFiles.Pictures(At("pictures"), 2, "a", "b");
        File.WriteAllText(At("table.csv"), "label,a\n1,2\n0,1\n");
        foreach (var place in new[] { At("pictures"), At("table.csv"), Write("|u1", "20, 4, 6") })
            Assert.ThrowsAny<OperationCanceledException>(() => Datasets.Load(place, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Scripts_learn_and_tell_the_classes_of_a_folder_by_their_names()
    {
        foreach (var (label, name) in new[] { "사과", "a, b" }.Index())
            for (var i = 0; i < 5; i++)
                OwnFiles.Picture(At("fruit", name, $"{i}.png"), 9, 7, (x, y) => new((byte)(200 * label), (byte)(9 * x), (byte)(9 * y + i)));

        var trained = InProcess.Run("scripts/02_train_cross_entropy.csx",
            $"--data {At("fruit")} --side 6 --epochs 1 --hidden 5 --plain --out {At("trained")}");
        var told = InProcess.Run("scripts/01_infer_pretrained.csx",
            $"--data {At("fruit")} --side 6 --split train --weights {At("trained", "best.safetensors")} --out {At("told")}");

        Assert.Equal((0, 0), (trained.ExitCode, told.ExitCode));
        Assert.Contains($"Data: fruit, 8 + 2 images, from {At("fruit")}; a fifth of each class held out for the test", trained.Output);
        Assert.Contains("On the train split, 8 images:\n  a, b: ", told.Output);
        Assert.Contains("\n  사과: ", told.Output);
        Assert.Contains("\"note\": \"a fifth of each class held out for the test\"", File.ReadAllText(At("trained", "config.json")));
        Assert.Contains(",3 6 6", File.ReadAllLines(At("told", "worst_mistakes.csv"))[1]);
        Assert.True(File.Exists(At("told", "worst_mistakes.png")));
    }

    [Fact]
    public void Coloured_pictures_are_coloured_on_a_contact_sheet()
    {
        var split = new Split(torch.arange(0, 2 * 3 * 4 * 4, torch.ScalarType.Byte).view(2, 3, 4, 4), torch.zeros(2));
        using var sheet = SKBitmap.Decode(ContactSheet.Png(split));
        Assert.Equal(new SKColor(48 + 6, 48 + 16 + 6, 48 + 32 + 6), sheet.GetPixel(2 * (4 + 2), 2 * 1));
    }
}
