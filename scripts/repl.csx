#!/usr/bin/env dotnet-script
// Everything imported, for typing into:  dotnet script -i scripts/repl.csx
#load "../lib/bin/torchlet.csx"
using System.Collections.Immutable;
using Torchlet;
using TorchSharp;
using static Torchlet.Activations;
using static Torchlet.Losses;
using static Torchlet.Pipe;
using static TorchSharp.torch;
