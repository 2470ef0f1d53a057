// Build step: copies TorchSharp's native library so that it loads on this system.
// TorchSharp 0.107.0 was linked against GCC 13 and needs GLIBCXX_3.4.32 for a symbol that no relocation uses; Debian 12 and
// Ubuntu 22.04 end at 3.4.30 and their loader refuses the file for the name alone. The need is made weak in the copy.

using Torchlet;

const string Soname = "libstdc++.so.6";

var (source, destination) = (args[0], args[1]);
var library = File.ReadAllBytes(source);
var system = SymbolVersions.LoadedPath(Soname);
var loadable = system is null ? library : SymbolVersions.Weaken(library, Soname, SymbolVersions.Defined(File.ReadAllBytes(system)));

var temporary = $"{destination}.{Guid.NewGuid():n}"; // Its own: two builds may be at it.
File.WriteAllBytes(temporary, loadable);
File.Move(temporary, destination, overwrite: true);
