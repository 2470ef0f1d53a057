using System.Runtime.CompilerServices;
using Xunit.v3;

namespace Torchlet.Tests;

/// <summary>A test that takes minutes, so it runs only on demand: <c>dotnet test --explicit only</c>. Most are a short test with more of the same.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute, ITraitAttribute
{
    public LongFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line) => Explicit = true;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Category", "Long")];
}
