namespace Torchlet;

/// <summary>What PyTorch's files name beside plain tensors, and what to save instead.</summary>
/// <remarks>Source: torch/_utils.py, torch/_tensor.py (<c>_reduce_ex_internal</c>), torch/storage.py.</remarks>
static class TorchAdvice
{
    /// <summary>What a name of PyTorch's stands for and what to do about it, to follow the name; null for a name of anybody else's.</summary>
    public static string? For(string name) => Kind(name) is var (what, save) ? $"which stands for {what}; save {save} and name that file" : null;

    static (string What, string Save)? Kind(string name) => name switch
    {
        _ when name.StartsWith("torch._utils._rebuild_sparse", StringComparison.Ordinal) => ("a sparse tensor", "its to_dense()"),
        "torch._utils._rebuild_nested_tensor" => ("a nested tensor", "its to_padded_tensor(0)"),
        "torch._utils._rebuild_qtensor" or "torch.qint8" or "torch.quint8" => ("a quantised tensor", "its dequantize()"),
        _ when name.StartsWith("torch.Complex", StringComparison.Ordinal) => ("complex numbers", "the real part, tensor.real.clone()"),
        "torch._utils._rebuild_tensor_v3" => ("numbers of an uncommon type", "tensor.float()"),
        _ when name.StartsWith("torch.nn.", StringComparison.Ordinal) => ("a whole module", "its state_dict()"),
        _ when name.StartsWith("__torch__.", StringComparison.Ordinal) => ("a TorchScript program", "the module's state_dict()"),
        _ when name.StartsWith("torch.", StringComparison.Ordinal) =>
            ("more than a plain tensor", "the tensors alone, as model.state_dict() gives them,"),
        _ => null,
    };
}
