#!/usr/bin/env python3
# ===- examples/tiny/mnist.py - Two digits of MNIST -------------------------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Writes the images of two digits as .npz files: PAIR_train and PAIR_test.

    mnist.py FOLDER_OF_MNIST -o FOLDER

Each holds x, (n, 1, 28, 28) bytes, and y, 0 for the first digit of the pair and
1 for the second. Needs NumPy.
"""
import argparse
import gzip
import pathlib

import numpy as np

PAIRS = {"zero_one": (0, 1), "four_nine": (4, 9)}
PARTS = {"train": "train", "test": "t10k"}


def read_idx(folder, name):
    """An array of bytes in the format of MNIST, packed or not."""
    path = pathlib.Path(folder) / name
    if path.exists():
        raw = path.read_bytes()
    else:
        raw = gzip.open(f"{path}.gz").read()
    shape = np.frombuffer(raw, ">u4", count=raw[3], offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def load_pair(folder, pair, part):
    """x and y as in the files."""
    images = read_idx(folder, f"{PARTS[part]}-images-idx3-ubyte")
    labels = read_idx(folder, f"{PARTS[part]}-labels-idx1-ubyte")
    kept = np.isin(labels, PAIRS[pair])
    return images[kept][:, None], (labels[kept] == PAIRS[pair][1]).astype(
        np.uint8
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("mnist", help="folder of the four files, .gz or not")
    parser.add_argument("-o", "--output", default=".", type=pathlib.Path)
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    for pair in PAIRS:
        for part in PARTS:
            x, y = load_pair(args.mnist, pair, part)
            np.savez_compressed(args.output / f"{pair}_{part}.npz", x=x, y=y)
            print(f"{pair}_{part}.npz: {len(y)} images")


if __name__ == "__main__":
    main()
