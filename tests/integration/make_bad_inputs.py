#!/usr/bin/env python3
# ===- tests/integration/make_bad_inputs.py - Hostile files -----------------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""make_bad_inputs.py FOLDER GOOD.nir GOOD.hlk TARGET.textproto

Writes damaged copies of the three files and input data that must be refused.
Nothing but Python's own modules is needed.
"""
import pathlib
import struct
import sys
import zipfile


def npy(header, data=b""):
    """A version 1.0 .npy file with any header and any data."""
    text = header.encode()
    text += b" " * (63 - (10 + len(text)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def array(shape, values, code="f", descr="<f4"):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}"
    return npy(header, struct.pack(f"<{len(values)}{code}", *values))


def damaged_models(folder, good):
    data = good.read_bytes()
    (folder / "empty.nir").write_bytes(b"")
    (folder / "magic_only.nir").write_bytes(data[:8])
    (folder / "truncated_half.nir").write_bytes(data[: len(data) // 2])
    (folder / "truncated_tail.nir").write_bytes(data[:-200])
    (folder / "garbage.nir").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\xff" * 4096)
    (folder / "text.nir").write_bytes(b"this is no HDF5 file\n")
    (folder / "unknown.xyz").write_bytes(data)
    (folder / "broken.mlir").write_bytes(b'snn.network @x dt "now" {\n')
    (folder / "other.mlir").write_bytes(b"module {}\n")
    (folder / "noise.mlirbc").write_bytes(b"ML\xefR\x01\x02\x03")


def damaged_images(folder, good):
    data = bytearray(good.read_bytes())
    (folder / "empty.hlk").write_bytes(b"")
    (folder / "header_only.hlk").write_bytes(data[:24])
    (folder / "truncated.hlk").write_bytes(data[: len(data) // 2])
    (folder / "longer.hlk").write_bytes(data + b"tail")
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 0x40
    (folder / "flipped.hlk").write_bytes(flipped)
    (folder / "magic.hlk").write_bytes(b"HILLOCK9" + data[8:])
    huge = bytearray(data)
    huge[8:16] = struct.pack("<Q", 1 << 62)
    (folder / "length.hlk").write_bytes(huge)
    (folder / "text.hlk").write_bytes(b"not an image\n" * 10)


def damaged_targets(folder, good):
    text = good.read_text()
    write = lambda name, words: (folder / name).write_text(words)
    write("unknown_field.textproto", text.replace("tiles_x:", "tile_x:", 1))
    write("unclosed.textproto", text[: len(text) // 2])
    write("empty.textproto", "")
    write("no_mesh.textproto", 'name: "bare"\n')
    write("zero_tiles.textproto", text.replace("tiles_x: 8", "tiles_x: 0", 1))
    write("word.textproto", text.replace("tiles_x: 8", "tiles_x: many", 1))
    # A chip that is as good as any, but for three neurons too small.
    tiny = text.replace("words: 1024", "words: 2")
    for field, value in [("tiles_x: 8", 1), ("tiles_y: 4", 1)]:
        tiny = tiny.replace(field, f"{field.split(':')[0]}: {value}", 1)
    tiny = tiny.replace("cores_per_tile: 4", "cores_per_tile: 1", 1)
    tiny = tiny.replace("max_chips_x: 16", "max_chips_x: 1", 1)
    tiny = tiny.replace("max_chips_y: 48", "max_chips_y: 1", 1)
    write("tiny.textproto", tiny)
    write("wide.textproto", text.replace("word_bits: 64", "word_bits: 640", 1))


def bad_data(folder):
    nan = float("nan")
    write = lambda name, data: (folder / name).write_bytes(data)
    write("good.npy", array("(10, 4)", [1, 0, 0, 1] * 10))
    write("wrong_shape.npy", array("(10, 5)", [1] * 50))
    write("nan.npy", array("(10, 4)", [nan] * 40))
    write("graded.npy", array("(10, 4)", [0.25] * 40))
    write("short.npy", array("(10, 4)", [1] * 7))
    write("huge.npy", array("(1000000000000, 4)", [1]))
    write("negative.npy", array("(-10, 4)", [1]))
    write("objects.npy", array("(1,)", [0], "q", "|O"))
    write("header.npy", npy("{'descr': '<f4', 'shape': "))
    write("empty.npy", b"")
    write("cut.npy", b"\x93NUM")
    write("empty.csv", b"")
    write("ragged.csv", b"1,0,0,1\n1,0\n")
    write("words.csv", b"1,0,0,1\n1,zero,0,1\n")
    write("channel.csv", b"t,channel\n0,1\n1,99\n")
    write("early.csv", b"t,channel\n-5,1\n")
    write("list.txt", b"missing_recording.bin 3\n")
    write("cut.gz", b"\x1f\x8b\x08\x00")
    write("idx", b"\x00\x00\x08\x03" + struct.pack(">3I", 1 << 31, 99, 99))
    write("odd.dat", b"\x00\x01\x02\x03 no known format")
    (folder / "empty_folder").mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "no_arrays.npz", "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    with zipfile.ZipFile(folder / "labels.npz", "w") as archive:
        archive.writestr("x.npy", array("(3, 10, 4)", [1] * 120))
        archive.writestr("y.npy", array("(2,)", [0, 1], "q", "<i8"))
    data = (folder / "labels.npz").read_bytes()
    write("truncated.npz", data[: len(data) // 2])
    write("empty.json", b"")
    write("broken.json", b'{"meta": ')
    write("other.json", b'{"hello": "world"}')


def main():
    folder = pathlib.Path(sys.argv[1])
    model, image, target = (pathlib.Path(name) for name in sys.argv[2:5])
    damaged_models(folder, model)
    damaged_images(folder, image)
    damaged_targets(folder, target)
    bad_data(folder)


if __name__ == "__main__":
    main()
