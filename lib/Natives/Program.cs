// Two build steps. "patch FROM TO" copies TorchSharp.dll so that no ordinary mistake ends the process (TorchSharpPatch.cs); FROM and TO alone
// copy TorchSharp's native library so that it loads on this system.
// TorchSharp 0.107.0 was linked against GCC 13 and needs GLIBCXX_3.4.32 for a symbol that no relocation uses; Debian 12 and
// Ubuntu 22.04 end at 3.4.30 and their loader refuses the file for the name alone. The need is made weak in the copy.

using Torchlet;

const string Soname = "libstdc++.so.6";

if (args is ["patch", var assembly, var patched])
{
    try
    {
        TorchSharpPatch.Apply(assembly, patched + ".tmp");
        File.SetLastWriteTimeUtc(patched + ".tmp", File.GetLastWriteTimeUtc(assembly));
        File.Move(patched + ".tmp", patched, overwrite: true);
        return 0;
    }
    catch (InvalidDataException e)
    {
        Console.Error.WriteLine($"{assembly} : error : {e.Message}");
        return 1;
    }
}

var (source, destination) = (args[0], args[1]);
var library = File.ReadAllBytes(source);
var system = SymbolVersions.LoadedPath(Soname);
var loadable = system is null ? library : SymbolVersions.Weaken(library, Soname, SymbolVersions.Defined(File.ReadAllBytes(system)));

var temporary = $"{destination}.{Guid.NewGuid():n}"; // Its own: two builds may be at it.
File.WriteAllBytes(temporary, loadable);
File.Move(temporary, destination, overwrite: true);
return 0;
