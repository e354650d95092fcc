//===- tools/hillock/OdinFiles.h - Board files of ODIN ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SPI frames and memory images, as compile writes and inspect reads them.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_ODINFILES_H
#define HILLOCK_TOOLS_HILLOCK_ODINFILES_H

#include "proto/image.pb.h"
#include "tools/hillock/Output.h"

namespace hillock::tool {

/// "spi" (-o FILE.spi: binary, -o FILE.txt: text) or "hex" (-o FILE.hex: three
/// files, FILE.neurons.hex and so on). A Usage error otherwise.
Error checkBoardFormat(const std::string &format, const std::string &output);

/// Writes the chip of \p image, which is that of file \p name. Adds what was
/// written to \p out.
Error emitBoard(const proto::Image &image, const std::string &name,
                const std::string &format, const std::string &output,
                Output &out);

/// Whether \p path ends like a file of these.
bool isBoardFile(const std::string &path);

struct BoardInspection {
  bool lint = false;
  bool readback = false; ///< the network of the chip's answers
  std::string target;    ///< chip of a binary; neither chip: concluded
};
/// The network in frames or memory images, or with lint the mistakes in the
/// frames. Returns the exit code: 1 when the lint finds an error.
Expected<int> inspectBoard(const std::string &path,
                           const BoardInspection &options, Output &out);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_ODINFILES_H
