// A photo of a digit: dark ink on light paper, cut out and laid as MNIST's digits lie.
#r "../../../lib/bin/SkiaSharp.dll"
#load "../../../scripts/repl.csx"

using SkiaSharp;

record Options(string Photo) : InferConfig;

return Script.Run(Args, new Options("photo.png") { Weights = "sample_weights/mnist.safetensors" }, run =>
{
    using var scope = NewDisposeScope();
    var saved = Weights.Load(run.Config.Weights);
    var photo = SKBitmap.Decode(run.Config.Photo).Copy(SKColorType.Gray8);
    var ink = 1 - tensor(photo.Bytes).view(photo.Height, photo.Width).to(float32) / 255;
    ink = ink * (ink > 0.5);
    var (rows, columns) = (ink.sum([1]).nonzero(), ink.sum([0]).nonzero());
    var (top, left) = (rows.min().item<long>(), columns.min().item<long>());
    var (height, width) = (rows.max().item<long>() + 1 - top, columns.max().item<long>() + 1 - left);
    var side = (double)Math.Max(height, width);
    var small = nn.functional.adaptive_avg_pool2d(ink.narrow(0, top, height).narrow(1, left, width).view(1, 1, height, width),
        [(long)Math.Ceiling(20 * height / side), (long)Math.Ceiling(20 * width / side)]);
    // MNIST's digits have their centre of mass in the middle.
    var (h, w, mass) = (small.size(2), small.size(3), small.sum().item<float>());
    var y = 14 - (long)Math.Round((small.sum([0, 1, 3]) * arange(h)).sum().item<float>() / mass);
    var x = 14 - (long)Math.Round((small.sum([0, 1, 2]) * arange(w)).sum().item<float>() / mass);
    var image = nn.functional.pad(small, (x, 28 - w - x, y, 28 - h - y));
    var (p, digits) = Softmax(saved.ToModel().Apply(image.view([1, .. saved.Net.Input]))).topk(3);
    foreach (var i in Enumerable.Range(0, 3)) WriteLine($"{digits[0, i].item<long>()}: {p[0, i].item<float>():p1}");
});
