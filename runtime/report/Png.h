//===- runtime/report/Png.h - Small pictures --------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As the PNG specification (ISO/IEC 15948) has it: eight bits a channel, with
// alpha, no filter, one block of image data.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPORT_PNG_H
#define HILLOCK_RUNTIME_REPORT_PNG_H

#include <cstdint>
#include <span>
#include <string>

namespace hillock::runtime {

/// \p pixels are red, green, blue and alpha, row by row, 4 * rows * columns
/// bytes; both sizes at least 1.
std::string pngBytes(uint32_t rows, uint32_t columns,
                     std::span<const uint8_t> pixels);

/// "data:image/png;base64,..." of a file's bytes.
std::string pngUri(const std::string &bytes);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_REPORT_PNG_H
