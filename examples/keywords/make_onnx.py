#!/usr/bin/env python3
# ===- examples/keywords/make_onnx.py - MLPerf Tiny's network as ONNX -------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Writes the keyword-spotting DS-CNN of MLPerf Tiny as an ONNX file.

Reads the integer tensors of the reference model (kws_ref_model.tflite of
mlcommons/tiny) as a .npz of arrays N_w, N_b, N_wscale, one set a layer with
weights, and a .json list of its ops, and writes QuantizeLinear and
DequantizeLinear around float ops, channels first. Needs nothing but Python.

    make_onnx.py kws_ref_int8_graph.json kws_ref_int8_weights.npz kws.onnx
"""
import argparse
import ast
import json
import struct
import zipfile

FLOAT, INT8, INT32, INT64 = 1, 3, 6, 7
CODES = {"|i1": ("b", INT8), "<i4": ("i", INT32), "<f4": ("f", FLOAT)}


# The few parts of the protobuf wire format that a model needs.
def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def blob(field, value):
    if isinstance(value, str):
        value = value.encode()
    return varint(field << 3 | 2) + varint(len(value)) + value


def tensor(name, kind, shape, raw):
    dims = b"".join(number(1, size) for size in shape)
    return dims + number(2, kind) + blob(8, name) + blob(9, raw)


def attribute(name, value):
    if isinstance(value, int):
        return blob(1, name) + number(3, value) + number(20, 2)
    if isinstance(value, str):
        return blob(1, name) + blob(4, value) + number(20, 3)
    ints = b"".join(number(8, v) for v in value)
    return blob(1, name) + ints + number(20, 7)


def port(name, shape):
    dims = b"".join(blob(1, number(1, size)) for size in shape)
    kind = blob(1, number(1, FLOAT) + blob(2, dims))
    return blob(1, name) + blob(2, kind)


def read_npz(path):
    """{name: (dtype, shape, bytes)}; arrays in C order."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            data = archive.read(member)
            size = struct.unpack("<H", data[8:10])[0]
            head = ast.literal_eval(data[10 : 10 + size].decode())
            if head["fortran_order"]:
                raise SystemExit(f"{member}: Fortran order is not supported")
            name = member.removesuffix(".npy")
            arrays[name] = (head["descr"], head["shape"], data[10 + size :])
    return arrays


def channels_first(shape, raw, layout):
    """OHWI or 1HWC weights of one byte as OIHW."""
    if layout == "OI":
        return shape, raw
    first, rows, columns, last = shape
    if layout == "1HWC":
        made = (last, 1, rows, columns)
        at = [
            (y * columns + x) * last + c
            for c in range(last)
            for y in range(rows)
            for x in range(columns)
        ]
    else:
        made = (first, last, rows, columns)
        at = [
            ((o * rows + y) * columns + x) * last + i
            for o in range(first)
            for i in range(last)
            for y in range(rows)
            for x in range(columns)
        ]
    return made, bytes(raw[i] for i in at)


class Graph:
    def __init__(self):
        self.nodes = []
        self.tensors = []

    def constant(self, name, kind, shape, values):
        code = {INT8: "b", INT32: "i", FLOAT: "f"}[kind]
        raw = values
        if not isinstance(values, bytes):
            raw = struct.pack(f"<{len(values)}{code}", *values)
        self.tensors.append(tensor(name, kind, shape, raw))
        return name

    def node(self, op, inputs, name, **attributes):
        body = b"".join(blob(1, i) for i in inputs) + blob(2, name)
        body += blob(3, name) + blob(4, op)
        for key, value in attributes.items():
            body += blob(5, attribute(key, value))
        self.nodes.append(body)
        return name

    def quantize(self, value, scale, zero):
        """The value, rounded as the reference model rounds it."""
        s = self.constant(value + ".scale", FLOAT, (), [scale])
        z = self.constant(value + ".zero", INT8, (), [zero])
        codes = self.node("QuantizeLinear", [value, s, z], value + ".codes")
        return self.node("DequantizeLinear", [codes, s, z], value + ".real")

    def weights(self, index, arrays, op):
        """Dequantized weights and bias of layer \\p index."""
        descr, shape, raw = arrays[f"{index}_w"]
        shape, raw = channels_first(shape, raw, op["w_layout"])
        count = arrays[f"{index}_wscale"][1][0]
        scales = struct.unpack(f"<{count}f", arrays[f"{index}_wscale"][2])
        bias_shape, bias = arrays[f"{index}_b"][1:]
        rank = () if count == 1 else (count,)
        name = f"layer{index}"
        w = self.constant(name + ".w", CODES[descr][1], shape, raw)
        ws = self.constant(name + ".ws", FLOAT, rank, scales)
        b = self.constant(name + ".b", INT32, bias_shape, bias)
        sums = [s * op["in_scale"] for s in scales]
        bs = self.constant(name + ".bs", FLOAT, rank, sums)
        wr = self.node("DequantizeLinear", [w, ws], name + ".wr", axis=0)
        br = self.node("DequantizeLinear", [b, bs], name + ".br", axis=0)
        return name, shape, wr, br


def build(ops, arrays):
    graph = Graph()
    first = ops[0]
    batch, rows, columns, channels = first["inp"]
    value = graph.quantize("mfcc", first["in_scale"], first["in_zp"])
    for index, op in enumerate(ops):
        kind = op["op"]
        if kind == "RESHAPE":
            value = graph.node("Flatten", [value], f"layer{index}", axis=1)
            continue
        if kind == "SOFTMAX":
            value = graph.node("Softmax", [value], "scores", axis=-1)
            continue
        if kind == "AVERAGE_POOL_2D":
            size = op["inp"][1:3]
            name = f"layer{index}"
            value = graph.node("AveragePool", [value], name, kernel_shape=size)
        else:
            name, shape, w, b = graph.weights(index, arrays, op)
            if kind == "FULLY_CONNECTED":
                value = graph.node("Gemm", [value, w, b], name, transB=1)
            else:
                value = graph.node(
                    "Conv",
                    [value, w, b],
                    name,
                    kernel_shape=list(shape[2:]),
                    strides=[op["stride_h"], op["stride_w"]],
                    auto_pad="SAME_UPPER",
                    group=op["inp"][3] if kind.startswith("DEPTH") else 1,
                )
                if op["relu"]:
                    value = graph.node("Relu", [value], name + ".relu")
        value = graph.quantize(value, op["out_scale"], op["out_zp"])
    body = b"".join(blob(1, node) for node in graph.nodes)
    body += blob(2, "kws") + b"".join(blob(5, t) for t in graph.tensors)
    body += blob(11, port("mfcc", (batch, channels, rows, columns)))
    body += blob(12, port(value, ops[-1]["out"]))
    opset = blob(8, blob(1, "") + number(2, 13))
    return number(1, 8) + blob(2, "hillock-examples") + blob(7, body) + opset


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("graph")
    parser.add_argument("weights")
    parser.add_argument("output")
    args = parser.parse_args()
    with open(args.graph, encoding="utf-8") as file:
        ops = json.load(file)
    model = build(ops, read_npz(args.weights))
    with open(args.output, "wb") as file:
        file.write(model)


if __name__ == "__main__":
    main()
