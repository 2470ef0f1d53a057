#!/usr/bin/env dotnet-script
// Everything imported, for typing into:  dotnet script -i scripts/repl.csx
// Your own script next to it begins with #load "repl.csx" and needs no using.
#load "../lib/bin/torchlet.csx"
global using System.Collections.Immutable;
global using Torchlet;
global using TorchSharp;
global using static Torchlet.Activations;
global using static Torchlet.Layers;
global using static Torchlet.Losses;
global using static Torchlet.Optimizers;
global using static Torchlet.Pipe;
global using static Torchlet.Transforms;
global using static TorchSharp.torch;
