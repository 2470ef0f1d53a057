using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>The option is the name of an activation.</summary>
public sealed class ActivationNameAttribute() : AllowedValuesAttribute([.. Activation.All.Select(a => a.Name)]);
