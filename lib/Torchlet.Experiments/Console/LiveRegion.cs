using Spectre.Console;

namespace Torchlet;

/// <summary>The last lines of a terminal, rewritten in place.</summary>
/// <remarks>
/// Spectre's own Live leaves behind what a shorter line does not cover (also the terminal's ^C), and counts a line that a narrower
/// window has wrapped as one row.
/// </remarks>
sealed class LiveRegion(IAnsiConsole console)
{
    IReadOnlyList<Paragraph> drawn = [];

    /// <summary>Puts these lines in place of the last ones; none of them may fill the terminal's width.</summary>
    public void Draw(IReadOnlyList<Paragraph> lines)
    {
        if (drawn.Count == 0) console.Cursor.Hide();
        Erase();
        foreach (var (i, line) in lines.Index())
        {
            if (i > 0) console.WriteLine();
            console.Write(line);
        }
        drawn = lines;
    }

    /// <summary>Writes a line above the region, which the next <see cref="Draw"/> brings back.</summary>
    public void WriteAbove(string line)
    {
        Erase();
        console.WriteLine(line);
    }

    /// <summary>Leaves the lines where they stand.</summary>
    public void Close()
    {
        if (drawn.Count == 0) return;
        console.WriteLine();
        console.Cursor.Show();
        drawn = [];
    }

    void Erase()
    {
        if (drawn.Count == 0) return;
        var rows = drawn.Sum(line => Math.Max(1, (line.Length + console.Profile.Width - 1) / console.Profile.Width));
        console.Write(new ControlCode($"\r{(rows > 1 ? $"\e[{rows - 1}A" : "")}\e[J"));
        drawn = [];
    }
}
