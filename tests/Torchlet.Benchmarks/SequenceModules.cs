using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Torchlet.Benchmarks;

/// <summary>Networks of sequences as one writes them with TorchSharp's modules.</summary>
static class SequenceModules
{
    /// <summary>The rows of a picture, one after the other, through an LSTM of 128 units.</summary>
    public sealed class RowsLstm : nn.Module<Tensor, Tensor>
    {
        readonly LSTM rnn = nn.LSTM(28, 128, batchFirst: true);
        readonly Linear head = nn.Linear(128, 10);

        public RowsLstm() : base("rows_lstm") => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            var (states, _, _) = rnn.call(x.view(-1, 28, 28));
            return head.call(states.select(1, -1));
        }
    }

    /// <summary>A vision transformer of two blocks over 49 patches.</summary>
    public sealed class TinyVit : nn.Module<Tensor, Tensor>
    {
        readonly Linear patch = nn.Linear(16, 64);
        readonly Parameter positions = new(randn(49, 64) * 0.02);
        readonly Sequential blocks = nn.Sequential(new Block(), new Block()), head = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 10));

        public TinyVit() : base("tiny_vit") => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            var patches = x.view(-1, 7, 4, 7, 4).transpose(2, 3).reshape(-1, 49, 16);
            return head.call(blocks.call(patch.call(patches) + positions).mean([1]));
        }
    }

    /// <summary>Attention of four heads and a network of each token, each added to what it got.</summary>
    sealed class Block : nn.Module<Tensor, Tensor>
    {
        readonly LayerNorm norm = nn.LayerNorm(64);
        readonly MultiheadAttention attention = nn.MultiheadAttention(64, 4);
        readonly Sequential feed = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 128), nn.GELU(), nn.Linear(128, 64));

        public Block() : base("block") => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            var tokens = norm.call(x).transpose(0, 1); // TorchSharp's takes the batch as the second axis.
            x += attention.call(tokens, tokens, tokens, null, false, null).Item1.transpose(0, 1);
            return x + feed.call(x);
        }
    }
}
