#!/usr/bin/python3
"""Trains the digits network of samples/Digits and writes its ONNX file and its data.

    /usr/bin/python3 tools/train_digits.py [DIGITS.csv.gz]

Needs Debian 12's python3-torch (1.13), python3-numpy (1.24) and python3-onnx (1.12). DIGITS.csv.gz is the test part of the UCI set
"Optical Recognition of Handwritten Digits": 1,797 lines of 64 pixels 0..16 and a label; by default
$EBSP_DATA/digits/digits.csv.gz or ../shared/data/digits/digits.csv.gz beside the repository. One thread and fixed seeds: the same
packages on the same kind of processor write the same bytes. Nothing is chosen by looking at the held-out images: split, seed and
number of epochs are fixed, and the weights are those after the last epoch.

Writes digits.onnx (input N x 1 x 8 x 8 float32 = pixel / 16, output N x 10 scores), digits-heldout.csv.gz (the 360 images that
training does not see) and digits-calibration.csv.gz (200 of the 1,437 that it sees).
"""
import gzip
import os
import sys

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional as F

SEED = 20221
HELD_OUT = 360
CALIBRATION = 200
EPOCHS = 60
BATCH = 32
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUTPUT = os.path.join(ROOT, "samples", "Digits")


class Digits(nn.Module):
    """Two convolutions, a pool, one residual block, a fully connected layer: 28,304 weights."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = conv(1, 16)
        self.conv2, self.bn2 = conv(16, 32)
        self.conv3, self.bn3 = conv(32, 32)
        self.conv4, self.bn4 = conv(32, 32)
        self.fc = nn.Linear(32 * 4 * 4, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        x = F.max_pool2d(x, 2)
        y = F.relu(self.bn3(self.conv3(x)))
        x = F.relu(self.bn4(self.conv4(y)) + x)
        return self.fc(torch.flatten(x, 1))


def conv(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs)


def read(path):
    with gzip.open(path, "rt", encoding="ascii") as file:
        lines = [line.strip() for line in file if line.strip()]
    table = np.array([line.split(",") for line in lines], dtype=np.int64)
    assert table.shape == (1797, 65) and table[:, :64].min() == 0 and table[:, :64].max() == 16
    return lines, torch.from_numpy(table[:, :64].astype(np.float32) / 16).reshape(-1, 1, 8, 8), torch.from_numpy(table[:, 64])


def shifted(images, generator):
    """Each image moved by up to one pixel; the frame brings in background."""
    padded = F.pad(images, (1, 1, 1, 1))
    dy, dx = torch.randint(0, 3, (2, len(images)), generator=generator)
    return torch.stack([padded[n, :, dy[n]:dy[n] + 8, dx[n]:dx[n] + 8] for n in range(len(images))])


def train(images, labels):
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    model = Digits()
    steps = EPOCHS * ((len(images) + BATCH - 1) // BATCH)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for epoch in range(EPOCHS):
        model.train()
        total = 0.0
        for batch in torch.randperm(len(images), generator=generator).split(BATCH):
            loss = F.cross_entropy(model(shifted(images[batch], generator)), labels[batch], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {total / len(images):.4f}", file=sys.stderr)
    return model.eval()


def accuracy(model, images, labels):
    with torch.no_grad():
        return int((model(images).argmax(1) == labels).sum())


def write_onnx(model, path):
    """Writes the graph by hand: the names are ours and batch normalization stays a node of its own."""
    state = {name: value.numpy() for name, value in model.state_dict().items() if value.dtype == torch.float32}
    nodes = []

    def node(op, name, inputs, **attributes):
        nodes.append(helper.make_node(op, inputs, ["scores" if name == "fc" else name], name=name, **attributes))
        return name

    def conv_bn(n, x):
        x = node("Conv", f"conv{n}", [x, f"conv{n}.weight"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1, 1])
        return node("BatchNormalization", f"bn{n}", [x] + [f"bn{n}.{p}" for p in ("weight", "bias", "running_mean", "running_var")], epsilon=1e-5)

    x = node("Relu", "relu1", [conv_bn(1, "pixels")])
    x = node("Relu", "relu2", [conv_bn(2, x)])
    pool = node("MaxPool", "pool", [x], kernel_shape=[2, 2], strides=[2, 2])
    x = node("Relu", "relu3", [conv_bn(3, pool)])
    x = node("Add", "add", [conv_bn(4, x), pool])
    x = node("Relu", "relu4", [x])
    x = node("Flatten", "flatten", [x], axis=1)
    node("Gemm", "fc", [x, "fc.weight", "fc.bias"], transB=1)
    graph = helper.make_graph(
        nodes, "digits",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 10])],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in state.items()],
        doc_string="Handwritten digits, 8x8 gray. Input: pixel (0..16) * 0.0625. Output: a score a digit. Made by tools/train_digits.py.")
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="train_digits.py")
    proto.ir_version = 7
    onnx.checker.check_model(proto)
    onnx.save(proto, path)


def write_csv(lines, path):
    # No name and no time in the gzip header: the same lines give the same bytes.
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write("".join(line + "\n" for line in lines).encode("ascii"))


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    data = os.environ.get("EBSP_DATA") or os.path.join(ROOT, "..", "shared", "data")
    lines, images, labels = read(sys.argv[1] if len(sys.argv) > 1 else os.path.join(data, "digits", "digits.csv.gz"))
    order = np.random.RandomState(SEED).permutation(len(lines))
    held_out, training = order[:HELD_OUT], order[HELD_OUT:]
    model = train(images[training], labels[training])
    os.makedirs(OUTPUT, exist_ok=True)
    write_onnx(model, os.path.join(OUTPUT, "digits.onnx"))
    write_csv([lines[n] for n in held_out], os.path.join(OUTPUT, "digits-heldout.csv.gz"))
    write_csv([lines[n] for n in training[:CALIBRATION]], os.path.join(OUTPUT, "digits-calibration.csv.gz"))
    for name, part in ("held-out", held_out), ("training", training):
        right = accuracy(model, images[part], labels[part])
        print(f"{name}: {right} of {len(part)} = {100 * right / len(part):.2f} %")


if __name__ == "__main__":
    main()
