using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>The option is the name of a model.</summary>
public sealed class ModelNameAttribute() : AllowedValuesAttribute([.. NamedModel.All.Select(m => m.Name)]);
