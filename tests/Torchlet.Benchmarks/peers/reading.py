"""Reading of one file or folder of pictures by numpy, as one would write it.

    reading.py idx|npz|csv|pictures PLACE

Prints one line, then reads once for each line that it reads from its input, and answers with the number of examples.
"""
import os, sys
import numpy as np

kind, place = sys.argv[1:]


def idx():
    def array(name):
        content = np.fromfile(os.path.join(place, name), np.uint8)
        return content[4 + 4 * content[3] :].reshape(content[4 : 4 + 4 * content[3]].view(">u4"))

    return len([array(f"{split}-{part}-ubyte") for split in ("train", "t10k") for part in ("images-idx3", "labels-idx1")][0])


def npz():
    with np.load(place) as arrays:
        return len([arrays[name] for name in arrays.files][0])


def csv():
    rows = np.loadtxt(place, np.uint8, delimiter=",", skiprows=1)
    return len(rows[:, 1:])


def pictures():
    from PIL import Image

    files = [(label, entry.path) for label in sorted(os.listdir(place)) for entry in os.scandir(os.path.join(place, label))]
    return len(np.stack([np.asarray(Image.open(path)) for _, path in files]))


print(f"numpy {np.__version__}", flush=True)
for _ in sys.stdin:
    print(globals()[kind](), flush=True)
