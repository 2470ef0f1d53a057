"""The experiment in Python PyTorch, as the course notebook wrote it or with all tensors in memory.

    pytorch.py notebook|memory|inference|lenet5|norms|convnorm|nesterov|lstm|tiny_vit FOLDER [--threads N] [--epochs N] [--device cuda]

Prints one line that says what it runs on. With --epochs, runs so many epochs and ends; without, runs one for each line that it
reads, and answers with a line of its own. Where torchvision is missing, the notebook's data set is built here: an image at a time,
made a float tensor by the same steps, but for the round trip through a PIL image.
"""
import argparse, gzip, json, os, sys
import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

parser = argparse.ArgumentParser()
parser.add_argument("loop", choices=["notebook", "memory", "inference", "lenet5", "norms", "convnorm", "nesterov", "lstm", "tiny_vit"])
parser.add_argument("folder")
parser.add_argument("--threads", type=int)
parser.add_argument("--epochs", type=int)
parser.add_argument("--device", default="cpu")
parser.add_argument("--first", type=int, default=60000, help="how many training images the zoo takes, and a sixth as many test images")
args = parser.parse_args()
if args.threads:
    torch.set_num_threads(args.threads)
torch.manual_seed(0)


def idx(name):
    path = os.path.join(args.folder, name)
    with open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz") as file:
        content = file.read()
    rank = content[3]
    shape = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(rank)]
    return torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=4 + 4 * rank).view(shape)


def split(prefix):
    return idx(prefix + "-images-idx3-ubyte"), idx(prefix + "-labels-idx1-ubyte").long()


def split_there(prefix):
    return [tensor.to(args.device) for tensor in split(prefix)]


class ImageByImage(Dataset):
    def __init__(self, images, labels):
        self.data, self.targets = images, labels

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        image = torch.from_numpy(self.data[index].numpy()).view(28, 28, 1).permute(2, 0, 1).contiguous()
        return image.to(torch.float32).div(255), int(self.targets[index])


def notebooks_dataset(images, labels):
    try:
        from torchvision import datasets, transforms
    except ImportError:
        return ImageByImage(images, labels)
    mnist = datasets.MNIST.__new__(datasets.MNIST)  # The files are read above, since torchvision takes no .gz.
    mnist.data, mnist.targets, mnist.transform, mnist.target_transform = images, labels, transforms.ToTensor(), None
    return mnist


class MyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(784, 50), nn.Linear(50, 100), nn.Linear(100, 10)

    def forward(self, x):
        return self.fc3(torch.sigmoid(self.fc2(torch.sigmoid(self.fc1(x)))))


def training(train_batches, test_batches, n_train, n_test):
    model = MyNet().to(args.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-4)

    def epoch():
        model.train()
        train_loss = 0
        for x, y in train_batches():
            x, y = x.view(-1, 784).to(args.device), y.to(args.device)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y, reduction="sum")
            loss.backward()
            optimizer.step()
            train_loss += loss.item()
        model.eval()
        test_loss, correct = 0, 0
        with torch.no_grad():
            for x, y in test_batches():
                x, y = x.to(args.device), y.to(args.device)
                logits = model(x.view(-1, 784))
                test_loss += F.cross_entropy(logits, y, reduction="sum").item()
                correct += (logits.argmax(1) == y).sum().item()
        return dict(train_loss=train_loss / n_train, test_loss=test_loss / n_test, test_accuracy=correct / n_test)

    return epoch


def notebook():
    (x, y), (xt, yt) = split("train"), split("t10k")
    train = DataLoader(notebooks_dataset(x, y), batch_size=512, shuffle=True, drop_last=False)
    test = DataLoader(notebooks_dataset(xt, yt), batch_size=512, shuffle=False, drop_last=False)
    return training(lambda: train, lambda: test, len(x), len(xt))


def memory():
    (x, y), (xt, yt) = split_there("train"), split_there("t10k")
    x, xt = x.view(-1, 784).float().div_(255), xt.view(-1, 784).float().div_(255)
    shuffled = lambda: ((x[i], y[i]) for i in torch.randperm(len(x), device=args.device).split(512))
    return training(shuffled, lambda: zip(xt.split(512), yt.split(512)), len(x), len(xt))


def inference():
    images, labels = split_there("train")
    x = images.view(-1, 784).float()
    w1, w2, w3, b1, b2, b3 = (torch.randn(*shape, device=args.device) for shape in [(784, 50), (50, 100), (100, 10), (50,), (100,), (10,)])
    sigmoid = lambda a: 1 / (1 + torch.exp(-a))

    def softmax(a):
        e = torch.exp(a - a.max(1, keepdim=True).values)
        return e / e.sum(1, keepdim=True)

    def whole_split():
        correct = 0
        for i in range(0, len(x), 100):
            p = softmax(sigmoid(sigmoid(x[i : i + 100] @ w1 + b1) @ w2 + b2) @ w3 + b3)
            correct += (p.argmax(1) == labels[i : i + 100]).sum().item()
        return dict(accuracy=correct / len(x))

    return whole_split


class RowsLstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.out = nn.LSTM(28, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x):
        return self.out(self.rnn(x.view(-1, 28, 28))[0][:, -1])


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(64), nn.MultiheadAttention(64, 4, batch_first=True)
        self.feed = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 128), nn.GELU(), nn.Linear(128, 64))

    def forward(self, x):
        n = self.norm1(x)
        x = x + self.attention(n, n, n, need_weights=False)[0]
        return x + self.feed(x)


class TinyVit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.position = nn.Linear(16, 64), nn.Parameter(torch.randn(49, 64) * 0.02)
        self.blocks, self.out = nn.Sequential(Block(), Block()), nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 10))

    def forward(self, x):
        patches = x.view(-1, 7, 4, 7, 4).transpose(2, 3).reshape(-1, 49, 16)
        return self.out(self.blocks(self.patch(patches) + self.position).mean(1))


def zoo(name):
    image, net = nn.Unflatten(1, (1, 28, 28)), nn.Sequential
    conv, norm = nn.Conv2d, nn.BatchNorm2d
    nets = dict(
        lstm=RowsLstm, tiny_vit=TinyVit,
        lenet5=lambda: net(image, conv(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), conv(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                           nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
        norms=lambda: net(nn.Linear(784, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Linear(256, 128), nn.LayerNorm(128), nn.GELU(), nn.Linear(128, 10)),
        convnorm=lambda: net(image, conv(1, 16, 3, stride=2, padding=1), norm(16), nn.ReLU(), conv(16, 32, 3, stride=2, padding=1), norm(32), nn.ReLU(),
                             nn.AvgPool2d(7), nn.Flatten(), nn.Linear(32, 10)),
        nesterov=lambda: net(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 100), nn.ReLU(), nn.Linear(100, 10)))
    optimizers = dict(
        lstm=lambda p: torch.optim.Adam(p, lr=1e-3), tiny_vit=lambda p: torch.optim.AdamW(p, lr=2e-3, weight_decay=1e-2),
        lenet5=lambda p: torch.optim.Adam(p, lr=1e-3), norms=lambda p: torch.optim.AdamW(p, lr=1e-3, weight_decay=1e-2),
        convnorm=lambda p: torch.optim.RMSprop(p, lr=1e-3), nesterov=lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-4))
    batch = dict(convnorm=256, nesterov=512).get(name, 128)
    (x, y), (xt, yt) = split_there("train"), split_there("t10k")
    x, y, xt, yt = x[:args.first], y[:args.first], xt[:args.first // 6], yt[:args.first // 6]
    x, xt = x.view(-1, 784).float().div_(255), xt.view(-1, 784).float().div_(255)
    model = nets[name]().to(args.device)
    optimizer = optimizers[name](model.parameters())

    def epoch():
        model.train()
        train_loss = 0
        for i in torch.randperm(len(x), device=args.device).split(batch):
            loss = F.cross_entropy(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            if name == "nesterov":
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            train_loss += loss.item() * len(i)
        model.eval()
        correct = 0
        with torch.no_grad():
            for u, v in zip(xt.split(batch), yt.split(batch)):
                correct += (model(u).argmax(1) == v).sum().item()
        return dict(train_loss=train_loss / len(x), test_accuracy=correct / len(xt))

    return epoch


def blas():
    maps = open("/proc/self/maps") if sys.platform == "linux" else []
    libraries = {os.path.basename(os.path.realpath(line.split()[-1])) for line in maps if "blas" in line}
    return ", ".join(sorted(libraries)) or "its own BLAS"


work = dict(notebook=notebook, memory=memory, inference=inference).get(args.loop, lambda: zoo(args.loop))()
torchvision = ", torchvision " + sys.modules["torchvision"].__version__ if "torchvision" in sys.modules else ""
print(f"PyTorch {torch.__version__}{torchvision}, {blas()}, {torch.get_num_threads()} threads", flush=True)
for _ in range(args.epochs) if args.epochs else sys.stdin:
    print(json.dumps(work()), flush=True)
