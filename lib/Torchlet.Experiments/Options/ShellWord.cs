namespace Torchlet;

/// <summary>Words as a shell of the POSIX kind reads them back.</summary>
static class ShellWord
{
    /// <summary>The word as it is, or in quotes where it holds more than letters, digits and what no shell minds.</summary>
    public static string Of(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:,=+@%".Contains(c)) ? word : Quoted(word);

    /// <summary>The word in quotes.</summary>
    public static string Quoted(string word) => $"'{word.Replace("'", "'\\''")}'";
}
