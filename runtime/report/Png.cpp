//===- runtime/report/Png.cpp - Small pictures ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/report/Png.h"
#include "llvm/Support/Base64.h"
#include <cstring>
#include <zlib.h>

namespace hillock::runtime {

static void append32(std::string &text, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    text += static_cast<char>(value >> shift);
}

static std::string chunk(const char *name, const std::string &data) {
  std::string body = name + data, text;
  append32(text, static_cast<uint32_t>(data.size()));
  text += body;
  const auto *bytes = reinterpret_cast<const Bytef *>(body.data());
  append32(text, static_cast<uint32_t>(
                     crc32(0, bytes, static_cast<uInt>(body.size()))));
  return text;
}

std::string pngBytes(uint32_t rows, uint32_t columns,
                     std::span<const uint8_t> pixels) {
  std::string head;
  append32(head, columns);
  append32(head, rows);
  head += {8, 6, 0, 0, 0}; // bits, red green blue alpha, and the only methods
  std::string lines;
  const size_t stride = size_t{columns} * 4;
  for (size_t row = 0; row < rows; ++row) {
    lines += '\0'; // no filter
    lines.append(reinterpret_cast<const char *>(pixels.data()) + row * stride,
                 stride);
  }
  uLongf size = compressBound(static_cast<uLong>(lines.size()));
  std::string packed(size, '\0');
  // It cannot fail: the room is what zlib asked for.
  compress2(reinterpret_cast<Bytef *>(packed.data()), &size,
            reinterpret_cast<const Bytef *>(lines.data()),
            static_cast<uLong>(lines.size()), Z_BEST_COMPRESSION);
  packed.resize(size);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", head) + chunk("IDAT", packed) +
         chunk("IEND", "");
}

std::string pngUri(const std::string &bytes) {
  return "data:image/png;base64," + llvm::encodeBase64(bytes);
}

} // namespace hillock::runtime
