using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using CsCheck;
using SkiaSharp;
using TorchSharp;

namespace Torchlet.Tests;

public sealed class DatasetsTests : IDisposable
{
    readonly TemporaryFolder temporary = new();
    readonly List<string> warnings = [];

    string Folder => temporary.Path;
    string Data => Path.Combine(Folder, "data");
    string Raw => Path.Combine(Data, "MNIST", "raw");

    public void Dispose() => temporary.Dispose();

    public static TheoryData<string, char, bool> Spellings => new(
        from below in new[] { "", "MNIST/raw", "FashionMNIST/raw" }
        from separator in "-."
        from packed in new[] { false, true }
        select (below, separator, packed));

    [Theory, MemberData(nameof(Spellings))]
    public void A_folder_is_read_however_its_files_are_named_and_packed(string below, char separator, bool packed)
    {
        var source = Directory.CreateDirectory(Path.Combine(Folder, below)).FullName;
        SmallMnist.Write(source);
        var wanted = Datasets.Load(source);
        Change(source, name => name.Replace("-idx", $"{separator}idx") + (packed ? ".gz" : ""), bytes => packed ? Gzip(bytes) : bytes);

        var data = Datasets.Load(Folder);

        Tensors.AssertClose(wanted.Train.Inputs, data.Train.Inputs, 0);
        Tensors.AssertClose(wanted.Test.Targets, data.Test.Targets, 0);
        Assert.Equal([600, 1, 28, 28], data.Train.Inputs.shape);
        Assert.Equal((torch.ScalarType.Byte, torch.ScalarType.Int64, 200), (data.Train.Inputs.dtype, data.Train.Targets.dtype, data.Test.Count));
        Assert.All(data.Checksums, c => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(source, c.Key)))), c.Value));
        Assert.Equal(4, data.Checksums.Count);
    }

    [Theory, InlineData("several members"), InlineData("zeros"), InlineData("many zeros"), InlineData("an empty member"), InlineData("empty members and zeros")]
    public void Whatever_gzip_calls_sound_is_read(string packing)
    {
        SmallMnist.Write(Folder);
        var wanted = Datasets.Load(Folder);
        Change(Folder, name => $"{name}.gz", bytes => Packed(bytes, packing));

        var data = Datasets.Load(Folder);

        Tensors.AssertClose(wanted.Train.Inputs, data.Train.Inputs, 0);
        Tensors.AssertClose(wanted.Train.Targets, data.Train.Targets, 0);
        Assert.All(data.Checksums, c => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, c.Key)))), c.Value));
    }

    [Fact]
    public void Checksums_are_those_of_the_data_and_of_files_as_they_are_served_known_without_unpacking_them()
    {
        SmallMnist.Write(Folder);
        var places = new DataPlaces { Named = Folder };
        Assert.All([Folder, "auto"], named => Assert.Equal(Datasets.Load(Folder).Checksums, Datasets.Checksums(named, places)));

        Change(Folder, name => name, bytes => bytes[..^1]); // To unpack them is to find that they lack a byte.
        Assert.Throws<TorchletException>(() => Datasets.Checksums(Folder, places));
        RemoteFile[] served = [.. IdxFolder.Names.Zip(Contents(Folder), (name, sha256) => new RemoteFile(name, 0, sha256))];
        DataPlaces Known(params RemoteFile[] files) => places with { FashionMnist = KnownDataset.FashionMnist with { Files = [.. files] } };
        Assert.Equal(served.OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => (f.Name, f.Sha256)),
            Datasets.Checksums(Folder, Known(served)).Select(c => (c.Key, c.Value)));
        Assert.Throws<TorchletException>(() => Datasets.Checksums(Folder, Known([.. served.Reverse()])));
    }

    [Theory, InlineData("as served", true), InlineData("raw", true), InlineData("otherwise", true), InlineData("other data", false)]
    public void A_known_data_set_is_known_however_it_is_packed(string packing, bool isKnown)
    {
        using var mirrors = new Mirrors(Folder);
        SmallMnist.Write(Folder, train: packing == "other data" ? 500 : 600);
        if (packing != "raw") Change(Folder, name => $"{name}.gz", bytes => packing == "otherwise" ? Packed(bytes, "several members") : Gzip(bytes));

        Assert.Equal(isKnown, Datasets.Load(Folder, Places(mirrors)).Name == "MNIST");
    }

    static byte[] Packed(byte[] bytes, string packing) => packing switch
    {
        "several members" => [.. bytes.Chunk(bytes.Length / 3).SelectMany(Gzip)],
        "zeros" => [.. Gzip(bytes), .. new byte[512]],
        "many zeros" => [.. Gzip(bytes), .. new byte[50_000]],
        "an empty member" => [.. Gzip(bytes), .. EmptyMember],
        "empty members and zeros" => [.. EmptyMember, .. Gzip(bytes), .. EmptyMember, .. EmptyMember, .. new byte[7]],
        _ => throw new ArgumentException(packing),
    };

    // Header, a block that ends at once, checksum and length of nothing.
    static ReadOnlySpan<byte> EmptyMember => [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static TheoryData<string, string, string> Damages => new(
        ("train-images", "empty", "is empty or no regular file"),
        ("train-images", "none", "holds no images: its sizes are 0 × 28 × 28"),
        ("train-labels", "none", "holds no labels: its sizes are 0"),
        ("train-images", "two bytes", "begins with 00 00"),
        ("train-images", "cut", "but 470399 bytes follow its header"),
        ("t10k-images", "long", "200 × 28 × 28 images, 156800 bytes, but 156801 bytes follow its header"),
        ("train-images", "huge", "says it holds 4294967295 × 28 × 28 images"),
        ("train-images", "packed huge", "says it holds 4294967295 × 28 × 28 images"),
        ("train-labels", "swapped", "is not an IDX file of labels: it must begin with 00 00 08 01"),
        ("t10k-labels", "ten", "t10k-labels-idx1-ubyte holds labels up to 10, want 0 to 9"),
        ("t10k-labels", "fewer", "t10k-labels-idx1-ubyte holds 199 labels, but t10k-images-idx3-ubyte 200 images"),
        ("t10k-images", "small", "t10k-images-idx3-ubyte holds images of 14 × 14 pixels, but train-images-idx3-ubyte images of 28 × 28"),
        ("t10k-images", "wide", "t10k-images-idx3-ubyte holds images of 14 × 56 pixels, but train-images-idx3-ubyte images of 28 × 28"),
        ("train-images", "packed cut", "is a damaged gzip file (it is cut off)"),
        ("train-images", "packed, checksum cut", "is a damaged gzip file"),
        ("train-images", "packed, last byte cut", "is a damaged gzip file"),
        ("train-images", "packed fewer", "600 × 28 × 28 images, 470400 bytes, but 470399 bytes follow its header"),
        ("train-images", "packed and more", "is a damaged gzip file (something else follows its end)"),
        ("train-images", "packed and much more", "is a damaged gzip file (something else follows its end)"),
        ("train-images", "packed and padded with much", "which do not take"),
        ("train-images", "packed to its magic", "is a damaged gzip file"),
        ("train-images", "packed flipped", "is a damaged gzip file"),
        ("train-images", "packed other checksum", "is a damaged gzip file (its content cannot be unpacked to what its checksum says)"),
        ("train-images", "packed other length", "is a damaged gzip file (its content cannot be unpacked to what its checksum says)"),
        ("train-images", "packed twice", "holds more than the 470416 bytes that it says it holds"),
        ("train-images", "packed bomb", "is a damaged gzip file"),
        ("t10k-images", "gone", "lacks t10k-images-idx3-ubyte (raw or .gz)"));

    [Theory, MemberData(nameof(Damages))]
    public void Damage_is_one_line_that_names_the_place_and_the_reason(string file, string damage, string because)
    {
        SmallMnist.Write(Folder);
        var path = Directory.EnumerateFiles(Folder, $"{file}-*").Single();
        var bytes = File.ReadAllBytes(path);
        if (damage == "gone") File.Delete(path);
        else File.WriteAllBytes(path, Damage(bytes, damage));

        var before = GC.GetTotalAllocatedBytes();
        var message = Assert.Throws<TorchletException>(() => Datasets.Load(Folder)).Message;

        Assert.Contains(because, message);
        Assert.Contains(Folder, message);
        Assert.DoesNotContain(message, char.IsControl);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 16 << 20);
    }

    static byte[] Damage(byte[] bytes, string damage) => damage switch
    {
        "empty" => [],
        "none" => bytes[3] == 3 ? Idx.Bytes([], 0, 28, 28) : Idx.Bytes([], 0),
        "two bytes" => bytes[..2],
        "cut" => bytes[..^1],
        "long" => [.. bytes, 0],
        "huge" => Huge(bytes),
        "packed huge" => Gzip(Huge(bytes)),
        "swapped" => Idx.Bytes(new byte[600 * 784], 600, 28, 28),
        "ten" => [.. bytes[..^1], 10],
        "fewer" => Idx.Bytes(bytes.AsSpan(9), 199),
        "small" => Idx.Bytes(new byte[200 * 196], 200, 14, 14),
        "wide" => Idx.Bytes(bytes.AsSpan(16), 200, 14, 56),
        "packed cut" => Gzip(bytes)[..^100],
        "packed, checksum cut" => Gzip(bytes)[..^6],
        "packed, last byte cut" => Gzip(bytes)[..^1],
        "packed fewer" => Gzip(bytes[..^1]),
        "packed and more" => [.. Gzip(bytes), 1],
        "packed and much more" => [.. Gzip(bytes), .. new byte[5000], 1, .. new byte[5000]],
        "packed and padded with much" => [.. Gzip(bytes), .. new byte[3 << 20]],
        "packed to its magic" => [0x1f, 0x8b],
        "packed flipped" => Changed(Gzip(bytes), at: 100),
        "packed other checksum" => Changed(Gzip(bytes), at: ^8),
        "packed other length" => WithLength(Gzip(bytes), bytes.Length - 1),
        "packed twice" => [.. Gzip(bytes), .. Gzip(bytes)],
        "packed bomb" => WithLength(Gzip(bytes), int.MaxValue),
        _ => throw new ArgumentException(damage),
    };

    static byte[] Huge(byte[] bytes)
    {
        var huge = (byte[])bytes.Clone();
        BinaryPrimitives.WriteUInt32BigEndian(huge.AsSpan(4), uint.MaxValue);
        return huge;
    }

    static byte[] Changed(byte[] bytes, Index at)
    {
        bytes[at] ^= 0xff;
        return bytes;
    }

    /// <summary>A gzip file that says it unpacks to so many bytes.</summary>
    static byte[] WithLength(byte[] packed, int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(^4..), length);
        return packed;
    }

    [Theory, InlineData("a pipe"), InlineData("/dev/zero"), InlineData("/dev/null"), InlineData("/dev/fd/0")]
    public void What_is_no_regular_file_is_refused_unread(string what)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux' devices");
        var path = Path.Combine(SmallMnist.Write(Folder), "train-images-idx3-ubyte");
        File.Delete(path);
        if (what == "a pipe") HostileInput.MakePipe(path);
        else File.CreateSymbolicLink(path, what);
        Assert.Contains($"{path} is empty or no regular file; replace it", Refusal());
    }

    [Fact]
    public void A_file_far_longer_than_it_says_is_refused_unread()
    {
        var images = Path.Combine(SmallMnist.Write(Folder), "train-images-idx3-ubyte");
        using (var file = File.OpenWrite(images)) file.SetLength(100L << 30); // Sparse: it takes no room.
        Assert.Contains("but 107374182384 bytes follow its header", Refusal());
        File.WriteAllBytes(images, Gzip(Idx.Bytes(new byte[600 * 784], 600, 28, 28)));
        using (var file = File.OpenWrite(images)) file.SetLength(100L << 30);
        Assert.Contains("600 × 28 × 28 images, 470400 bytes, which do not take 107374182400 bytes when packed by gzip", Refusal());
    }

    [Fact]
    public void Files_that_do_not_belong_together_are_refused_before_a_large_one_is_read()
    {
        var labels = Path.Combine(SmallMnist.Write(Folder), "t10k-labels-idx1-ubyte");
        using (var file = File.Create(labels))
        {
            file.Write(Idx.Header(2_000_000_000));
            file.SetLength(8 + 2_000_000_000L);
        }
        Assert.Contains($"{labels} holds 2000000000 labels, but t10k-images-idx3-ubyte 200 images", Refusal());
    }

    // A hang must fail a test, not hang it.
    string Refusal() => Task.Run(() => Assert.Throws<TorchletException>(() => Datasets.Load(Folder)).Message)
        .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken).GetAwaiter().GetResult();

    [Fact]
    public void A_mutated_data_set_is_read_or_refused_in_one_line() => Mutate(2000);

    [LongFact]
    public void A_mutated_data_set_is_read_or_refused_at_length() => Mutate(100_000);

    void Mutate(int mutations)
    {
        SmallMnist.Write(Folder, train: 20, test: 20);
        var names = IdxFolder.Names;
        var originals = names.Select(n => File.ReadAllBytes(Path.Combine(Folder, n))).ToArray();
        var (read, refused) = (0, 0);
        Gen.Select(Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 40], Gen.Double[0, 1], Gen.Byte, Gen.Int[0, 5]).Sample((which, packed, head, position, value, cut) =>
        {
            var path = Path.Combine(Folder, names[which]);
            var bytes = packed ? Gzip(originals[which]) : [.. originals[which]];
            // Half of the mutations hit the header, where each byte means something.
            bytes[head < 20 ? Math.Min(head, bytes.Length - 1) : (int)(position * (bytes.Length - 1))] = value;
            File.WriteAllBytes(path, bytes[..^(cut == 0 ? 1 : 0)]);
            try
            {
                Datasets.Load(Folder);
                read++;
            }
            catch (TorchletException e)
            {
                Assert.DoesNotContain(e.Message, char.IsControl);
                refused++;
            }
            finally
            {
                File.WriteAllBytes(path, originals[which]);
            }
        }, iter: mutations, threads: 1);
        Assert.InRange(read, mutations / 10, mutations * 9 / 10);
        Assert.InRange(refused, mutations / 10, mutations * 9 / 10);
    }

    [Fact]
    public void Mnist_is_downloaded_once_and_checked()
    {
        using var mirrors = new Mirrors(Folder);
        var data = Datasets.Load("mnist", Places(mirrors));
        Assert.Equal(("MNIST", Raw, 600, 200), (data.Name, data.Source, data.Train.Count, data.Test.Count));
        Assert.Equal(mirrors.Known.Files.Select(f => f.Sha256).Order(), data.Checksums.Values.Order());

        Datasets.Load("mnist", Places(mirrors));
        Datasets.Load("auto", Places(mirrors));
        Assert.Equal(4, mirrors.Requests);
        Assert.Empty(warnings);
    }

    [Fact]
    public void Only_what_is_missing_is_downloaded()
    {
        using var mirrors = new Mirrors(Folder);
        Datasets.Load("mnist", Places(mirrors));
        File.Delete(Path.Combine(Raw, "t10k-labels-idx1-ubyte.gz"));
        File.Move(Path.Combine(Raw, "train-labels-idx1-ubyte.gz"), Path.Combine(Raw, "train-labels.idx1-ubyte.gz"));
        Datasets.Load("auto", Places(mirrors));
        Assert.Equal(5, mirrors.Requests);
    }

    [Fact]
    public void Mnist_that_cannot_be_had_is_an_error_that_says_what_to_put_where()
    {
        using var mirrors = new Mirrors(Folder, Manner.NotFound);
        var error = Assert.Throws<TorchletException>(() => Datasets.Load("mnist", Places(mirrors)));
        foreach (var file in KnownDataset.Mnist.Files) Assert.Contains(file.Name, error.Message);
        foreach (var mirror in mirrors.Known.Mirrors) Assert.Contains($"{mirror}", error.Message);
        Assert.Contains(Raw, error.Message);
        Assert.Contains("404 Not Found", error.Message);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.False(IdxFolder.IsWhole(Raw));
        Assert.Empty(warnings);
    }

    [Fact]
    public void Auto_looks_in_the_named_folder_first_and_falls_back_from_none_that_is_bad()
    {
        using var mirrors = new Mirrors(Folder);
        var named = SmallMnist.Write(Directory.CreateDirectory(Path.Combine(Folder, "mine")).FullName, train: 30, test: 20);
        Assert.Equal(("mine", 30), Datasets.Load("auto", Places(mirrors) with { Named = named }) is var data ? (data.Name, data.Train.Count) : default);

        File.Delete(Path.Combine(named, "t10k-images-idx3-ubyte"));
        var error = Assert.Throws<TorchletException>(() => Datasets.Load("auto", Places(mirrors) with { Named = named }));
        Assert.Contains($"{named} lacks t10k-images-idx3-ubyte", error.Message);
        error = Assert.Throws<TorchletException>(() => Datasets.Load("auto", Places(mirrors) with { Named = "nowhere" }));
        Assert.StartsWith("TORCHLET_DATA: nowhere holds no data set", error.Message);
        Assert.Equal(0, mirrors.Requests);
    }

    [Fact]
    public void Mnist_is_taken_from_the_named_folder_only_if_it_is_there()
    {
        using var mirrors = new Mirrors(Folder);
        var other = SmallMnist.Write(Directory.CreateDirectory(Path.Combine(Folder, "mine")).FullName, train: 30, test: 20);
        Assert.Equal(600, Datasets.Load("mnist", Places(mirrors) with { Named = other }).Train.Count);
        Assert.Equal(4, mirrors.Requests);
        Assert.Equal(Raw, Datasets.Load("mnist", Places(mirrors) with { Named = Raw, Data = other }).Source);
        Assert.Equal(Raw, Datasets.Load("mnist", Places(mirrors) with { Named = Data, Data = other }).Source);
        Assert.Equal(4, mirrors.Requests);
    }

    [Fact]
    public void Without_network_auto_draws_digits_once_and_damaged_ones_again()
    {
        using var mirrors = new Mirrors(Folder, Manner.Broken);
        var data = Datasets.Load("auto", Places(mirrors));

        Assert.Equal((60_000, 10_000, Datasets.SyntheticName), (data.Train.Count, data.Test.Count, data.Name));
        Assert.EndsWith("synthetic, since MNIST could not be downloaded", data.Source);
        var warning = Assert.Single(warnings);
        Assert.Contains("using synthetic digits", warning);
        Assert.Contains("500 Internal Server Error", warning);
        Assert.Contains(Raw, warning);
        Assert.DoesNotContain(warning, char.IsControl);

        var first = SyntheticDigits.Draw(SyntheticDigits.Seed, 0);
        Assert.Equal(first.Pixels, data.Train.Inputs[0].bytes.ToArray());
        var last = SyntheticDigits.Draw(SyntheticDigits.Seed, 69_999);
        Assert.Equal(last.Pixels, data.Test.Inputs[9_999].bytes.ToArray());
        Assert.Equal(last.Label, data.Test.Targets[9_999].item<long>());
        var folder = Path.Combine(Data, "synthetic");
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(Path.Combine(folder, "contact_sheet.png"))[..4]);

        var (requests, images, written) = (mirrors.Requests, Path.Combine(folder, "train-images-idx3-ubyte"), new DateTime(2001, 1, 1));
        File.SetLastWriteTime(images, written);
        Assert.Equal(data.Checksums, Datasets.Load("synthetic", Places(mirrors)).Checksums);
        Assert.Equal(written, File.GetLastWriteTime(images));

        using (var file = File.OpenWrite(images)) { file.Seek(1000, SeekOrigin.Begin); file.Write([1, 2, 3]); }
        Assert.Equal(data.Checksums, Datasets.Load("synthetic", Places(mirrors)).Checksums);
        Assert.NotEqual(written, File.GetLastWriteTime(images));
        Assert.True(SyntheticFolder.IsCurrent(folder));
        using (var file = File.OpenWrite(images)) file.SetLength(100_000);
        Assert.False(SyntheticFolder.IsCurrent(folder));
        Assert.Equal(requests, mirrors.Requests);
        Assert.Single(warnings);
    }

    [Fact]
    public void Fashion_has_names_for_its_classes_and_a_place_of_its_own()
    {
        using var mirrors = new Mirrors(Folder, train: 500);
        var fashion = Fashion(mirrors, train: 500);
        var other = KnownDataset.Mnist;
        var data = Datasets.Load("fashion-mnist", Places(mirrors) with { Mnist = other, FashionMnist = fashion });
        Assert.Equal(("Fashion-MNIST", Path.Combine(Data, "FashionMNIST", "raw"), "Trouser"), (data.Name, data.Source, data.Classes[1]));

        var system = SmallMnist.Write(Directory.CreateDirectory(Path.Combine(Folder, "system")).FullName, train: 500);
        var places = Places(mirrors) with { Data = Path.Combine(Folder, "empty"), Mnist = other, FashionMnist = fashion with { SystemFolder = system } };
        data = Datasets.Load("fashion-mnist", places);
        Assert.Equal(system, data.Source);
        Assert.Equal(4, mirrors.Requests);
    }

    [Fact]
    public void What_lies_in_the_folder_of_MNIST_is_called_what_it_is()
    {
        using var mirrors = new Mirrors(Folder);
        var fashion = Fashion(mirrors, train: 500);
        var places = Places(mirrors) with { FashionMnist = fashion };
        SmallMnist.Write(Directory.CreateDirectory(Raw).FullName, train: 500);

        Assert.Equal(("Fashion-MNIST", "Trouser"), Datasets.Load("auto", places) is var data ? (data.Name, data.Classes[1]) : default);
        Assert.Equal(("Fashion-MNIST", Raw), Datasets.Load("fashion-mnist", places with { Named = Raw }) is var named ? (named.Name, named.Source) : default);
        var error = Assert.Throws<TorchletException>(() => Datasets.Load("mnist", places));
        Assert.StartsWith($"{Raw} holds Fashion-MNIST in place of MNIST; move its files elsewhere", error.Message);
        Assert.Equal(0, mirrors.Requests);
    }

    [Theory, InlineData("train-images"), InlineData("train-labels"), InlineData("t10k-images"), InlineData("t10k-labels")]
    public void A_published_name_needs_all_four_files(string changed)
    {
        using var mirrors = new Mirrors(Folder);
        var places = Places(mirrors);
        Assert.Equal("MNIST", Datasets.Load("mnist", places).Name);
        var path = Directory.EnumerateFiles(Raw, $"{changed}-*").Single();
        var bytes = Unpack(File.ReadAllBytes(path));
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, Gzip(bytes));
        Assert.Equal("unknown data in MNIST", Datasets.Load("auto", places).Name);
        Assert.Equal("unknown data in MNIST", Datasets.Load(Raw, places).Name);
        Assert.Contains($"{Raw} holds unknown data in MNIST in place of MNIST", Assert.Throws<TorchletException>(() => Datasets.Load("mnist", places)).Message);
    }

    [Theory]
    [InlineData("MNIST", "unknown data in MNIST")]
    [InlineData("fashion-mnist", "unknown data in fashion-mnist")]
    [InlineData("synthetic digits", "unknown data in synthetic digits")]
    [InlineData("KMNIST/raw", "KMNIST")]
    [InlineData("kuzushiji/", "kuzushiji")]
    public void Data_that_nobody_knows_are_called_as_their_folder_but_never_as_what_they_are_not(string below, string wanted)
    {
        SmallMnist.Write(Directory.CreateDirectory(Path.Combine(Folder, below)).FullName, train: 20, test: 10);
        Assert.Equal(wanted, Datasets.Load(Path.Combine(Folder, below)).Name);
    }

    [Theory, InlineData(1, 1), InlineData(3, 120)]
    public void A_few_images_are_enough_for_a_contact_sheet(int train, int test)
    {
        var data = Datasets.Load(SmallMnist.Write(Folder, train, test));
        using var sheet = SKBitmap.Decode(ContactSheet.Png(data.Train, data.Test));
        Assert.Equal((2 * (280 + 20 + 280), 2 * 280), (sheet.Width, sheet.Height));
        Assert.Equal(data.Train.Inputs[0, 0, 100 / 28, 100 % 28].item<byte>(), sheet.GetPixel(2 * (100 % 28), 2 * (100 / 28)).Red);
        Assert.Equal(SKColors.Gray.Red, sheet.GetPixel(2 * 28 * 5, 2 * 28 * 5).Red);
    }

    [Fact]
    public void A_request_to_stop_ends_the_reading_of_a_large_file()
    {
        foreach (var name in IdxFolder.Names)
        {
            int[] shape = name.Contains("images") ? [1_000_000, 28, 28] : [1_000_000];
            using var file = File.Create(Path.Combine(Folder, name));
            file.Write(Idx.Header(shape));
            file.SetLength(file.Length + shape.Aggregate(1L, (product, n) => product * n));
        }
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
        Assert.ThrowsAny<OperationCanceledException>(() => IdxFolder.Read(Folder, stop.Token));
    }

    [Fact]
    public void The_real_files_of_MNIST_are_those_that_we_ask_for_and_cost_little_memory()
    {
        var folder = Shared.Mnist;
        var before = GC.GetTotalAllocatedBytes();
        var data = Datasets.Load(folder);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 4 << 20);
        Assert.Equal("MNIST", data.Name);
        Assert.InRange(Bytes(data.Train.Inputs) + Bytes(data.Train.Targets), 0, 60_000_000);
        foreach (var file in KnownDataset.Mnist.Files)
            Assert.Equal((file.Length, file.Sha256), (new FileInfo(Path.Combine(folder, file.Name)).Length, data.Checksums[file.Name]));

        static long Bytes(torch.Tensor tensor) => tensor.numel() * tensor.element_size();
    }

    [Fact]
    public void The_real_Fashion_MNIST_is_known_however_it_is_packed()
    {
        var folder = KnownDataset.FashionMnist.SystemFolder!;
        Assert.SkipUnless(Directory.Exists(folder), $"no {folder} (Debian's package dataset-fashion-mnist)");
        var data = Datasets.Load(folder);
        Assert.Equal(("Fashion-MNIST", 60_000, "Ankle boot"), (data.Name, data.Train.Count, data.Classes[(int)data.Train.Targets[0].item<long>()]));
    }

    [Theory, InlineData(0, "no"), InlineData(1234567, "train-images-idx3-ubyte.gz: 1.2 of 9.9 MB, 2.5 MB/s")]
    public void Progress_tells_size_and_rate(long received, string wanted)
    {
        var line = DownloadReport.Line(new(KnownDataset.Mnist.Files[0], received, 2.5e6));
        Assert.Equal(wanted == "no" ? "train-images-idx3-ubyte.gz: 0.0 of 9.9 MB, 2.5 MB/s" : wanted, line);
    }

    [Fact]
    public void Script_02_without_data_and_network_names_synthetic_digits_everywhere()
    {
        Assert.SkipWhen(IdxFolder.IsWhole(Path.Combine(ProjectFolders.Data, KnownDataset.Mnist.Folder)), "this checkout has MNIST");
        using var outputs = new TemporaryFolder(); // Of its own: another test's run would be the latest one.
        // A proxy on an unused port: no network, whatever this machine has.
        var outcome = ScriptEngine.Run(ScriptEngine.Csx, Path.Combine("scripts", "02_train_cross_entropy.csx"), "--epochs 1 --limit 600 --hidden 7 --plain",
            null, (ProjectFolders.OutputsVariable, outputs.Path), (Datasets.FolderVariable, ""),
            ("HTTPS_PROXY", "http://127.0.0.1:9"), ("HTTP_PROXY", "http://127.0.0.1:9"), ("NO_PROXY", ""));

        Assert.Equal(0, outcome.ExitCode);
        Assert.StartsWith("warning: MNIST was not found and could not be downloaded", Assert.Single(outcome.ErrorLines));
        var latest = new DirectoryInfo(Path.Combine(outputs.Path, "02_train_cross_entropy", "latest"));
        var run = Path.GetFullPath(latest.LinkTarget!, latest.Parent!.FullName);
        Assert.EndsWith("-synthetic", run);
        Assert.Contains("synthetic digits", File.ReadAllText(Path.Combine(run, "config.json")));
        Directory.Delete(run, recursive: true);
    }

    [Theory, InlineData("auto"), InlineData("mnist")]
    public void A_download_ends_on_request_and_nothing_takes_its_place(string option)
    {
        using var mirror = new LoopbackMirror(new byte[9], Manner.Silent);
        using var stop = new CancellationTokenSource();
        var places = new DataPlaces
        {
            Named = null, Data = Data, Mnist = KnownDataset.Mnist with { Mirrors = [mirror.Address] }, Warn = warnings.Add, Report = _ => { },
            Client = () => new(new SocketsHttpHandler { UseProxy = false }), Policy = Patient, Brief = Patient, Stop = stop.Token,
        };
        _ = Task.Run(() =>
        {
            SpinWait.SpinUntil(() => !mirror.Requests.IsEmpty);
            stop.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Datasets.Load(option, places));
        Assert.Empty(warnings);
        Assert.False(Directory.Exists(Path.Combine(Data, "synthetic")));
    }

    [Fact]
    public void Asked_to_stop_it_neither_draws_digits_nor_gives_data_from_disk()
    {
        var places = new DataPlaces { Named = SmallMnist.Write(Folder), Data = Data, Stop = new(canceled: true) };
        Assert.ThrowsAny<OperationCanceledException>(() => Datasets.Load("auto", places));
        Assert.ThrowsAny<OperationCanceledException>(() => Datasets.Load("synthetic", places));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(Data, "synthetic")), file => file.Contains("idx"));
    }

    // Far longer than the test: it must be the request that ends it.
    static DownloadPolicy Patient => new() { Stall = TimeSpan.FromMinutes(2) };

    DataPlaces Places(Mirrors mirrors) => new()
    {
        Named = null, Data = Data, Mnist = mirrors.Known, Warn = warnings.Add, Report = _ => { },
        FashionMnist = KnownDataset.FashionMnist with { SystemFolder = null, Mirrors = [] },
        Client = () => new(new SocketsHttpHandler { UseProxy = false }),
        Policy = new() { Pause = TimeSpan.FromMilliseconds(1) }, Brief = new() { Pause = TimeSpan.FromMilliseconds(1) },
    };

    static void Change(string folder, Func<string, string> name, Func<byte[], byte[]> content)
    {
        foreach (var path in Directory.GetFiles(folder))
        {
            var bytes = content(File.ReadAllBytes(path));
            File.Delete(path);
            File.WriteAllBytes(Path.Combine(folder, name(Path.GetFileName(path))), bytes);
        }
    }

    static byte[] Unpack(byte[] bytes)
    {
        var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)) gzip.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    /// <summary>A small Fashion-MNIST, which the mirrors serve if they were made for it.</summary>
    static KnownDataset Fashion(Mirrors mirrors, int train)
    {
        using var folder = new TemporaryFolder();
        SmallMnist.Write(folder.Path, train);
        var (files, addresses) = (mirrors.Known.Files, mirrors.Known.Mirrors);
        return KnownDataset.FashionMnist with { SystemFolder = null, Files = files, Mirrors = addresses, Contents = Contents(folder.Path) };
    }

    static ImmutableArray<string> Contents(string folder) =>
        [.. IdxFolder.Names.Select(n => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, n)))))];

    static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>A small MNIST and two mirrors on loopback that serve it.</summary>
    sealed class Mirrors : IDisposable
    {
        readonly List<LoopbackMirror> servers;

        public Mirrors(string folder, Manner manner = Manner.Good, int train = 600)
        {
            var source = SmallMnist.Write(Directory.CreateDirectory(Path.Combine(folder, "source")).FullName, train);
            var files = IdxFolder.Names.ToDictionary(n => $"{n}.gz", n => Gzip(File.ReadAllBytes(Path.Combine(source, n))));
            servers = [new(files, Manner.Forbidden), new(files, manner)];
            Known = KnownDataset.Mnist with
            {
                Files = [.. files.Select(f => new RemoteFile(f.Key, f.Value.Length, Convert.ToHexStringLower(SHA256.HashData(f.Value))))],
                Mirrors = [.. servers.Select(s => s.Address)],
                Contents = Contents(source),
            };
        }

        public KnownDataset Known { get; }

        /// <summary>Requests to the second mirror; the first one forbids everything.</summary>
        public int Requests => servers[1].Requests.Count;

        public void Dispose() => servers.ForEach(s => s.Dispose());
    }
}
