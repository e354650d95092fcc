//===- backends/odin/Hex.h - Memories for an RTL simulator ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Texts that Verilog's $readmemh loads into the two memories and into an array
// of registers, for those who do not want to wait for the SPI port.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_ODIN_HEX_H
#define HILLOCK_BACKENDS_ODIN_HEX_H

#include "backends/odin/OdinConfig.h"
#include "base/Error.h"
#include <vector>

namespace hillock::odin {

/// "neurons": 256 words of 32 (tinyODIN) or 128 bits; "synapses": 8192 of 32;
/// "registers": 4 or 26 of 20, with gate and open loop as while the network
/// runs. The content of one file each.
struct HexFile {
  std::string part;
  std::string text;
};
std::vector<HexFile> writeHex(const ChipConfig &config);

bool isHex(llvm::StringRef content);

/// Reads what writeHex() wrote, or any text for $readmemh that names chip and
/// part in its first comment ("// hillock-odin-hex 1 odin neurons"). @ADDRESS,
/// comments and underscores are understood; words that are not there are 0.
/// The files may come in any order and parts may be absent.
Expected<ChipConfig> readHex(llvm::ArrayRef<HexFile> files);
/// Chip and part of one file, from its first comment.
Expected<std::pair<Chip, std::string>> hexHeader(llvm::StringRef content,
                                                 llvm::StringRef name);

} // namespace hillock::odin

#endif // HILLOCK_BACKENDS_ODIN_HEX_H
