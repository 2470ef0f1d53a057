namespace Torchlet;

/// <summary>The loss of a model on a batch, and the gradient of its reduction, such as <see cref="Backpropagation.ValueAndGrad"/>.</summary>
/// <param name="model">The model; untouched.</param>
/// <param name="batch">The examples, as the model takes them.</param>
/// <param name="loss">The loss of each example.</param>
/// <param name="pass">The pass that the layers are in.</param>
/// <param name="reduction">What the gradient is of.</param>
public delegate Differentiated Differentiate(Model model, Batch batch, Loss loss, Pass pass, Reduction reduction);
