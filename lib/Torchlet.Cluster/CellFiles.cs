namespace Torchlet;

/// <summary>What a sweep's folder holds of a cell: its run's folder, and beside it what came of it. One process at a time writes them.</summary>
/// <param name="Sweep">The sweep's folder.</param>
/// <param name="Id">The cell.</param>
sealed record CellFiles(string Sweep, string Id)
{
    /// <summary>The folder of a sweep's cells.</summary>
    public const string Home = "cells";

    /// <summary>The folder of its run.</summary>
    public string Run => Path.Combine(Sweep, Home, Id);

    /// <summary>Its figures; it is there once the cell is done.</summary>
    public string Result => $"{Run}.json";

    /// <summary>Why it failed, in one line.</summary>
    public string Failure => $"{Run}.failed";

    /// <summary>What it printed.</summary>
    public string Printed => $"{Run}.txt";

    /// <summary>Whether there is nothing to do any more.</summary>
    public bool IsDone => File.Exists(Result);
}
