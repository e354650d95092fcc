//===- backends/odin/SpiProgram.h - Frames that program a chip --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_ODIN_SPIPROGRAM_H
#define HILLOCK_BACKENDS_ODIN_SPIPROGRAM_H

#include "backends/odin/SpiState.h"
#include "base/Error.h"
#include <vector>

namespace hillock::odin {

struct SpiOptions {
  bool readback = true; ///< read all that was written before the release
  /// Only disable neurons that are not used, and write only synapses between
  /// used ones. What is left out keeps its value from before.
  bool usedOnly = false;
};

/// A step of the programming order, and the index of its first frame.
struct SpiSection {
  std::string title;
  size_t first = 0;
};

/// Frames in an order in which nothing goes wrong (docs/targets/odin.md): gate,
/// open loop, registers, disabled neurons, neurons from their top byte on,
/// synapses, readback, ODIN's learning flags, release. The release is at the
/// same time the frame after which the controller leaves the last access.
struct SpiProgram {
  std::vector<SpiFrame> frames;
  std::vector<SpiSection> sections;
};
SpiProgram programFrames(const ChipConfig &config,
                         const SpiOptions &options = {});

/// Frames from a file, with what the chip answered if it is in the file.
struct SpiStream {
  explicit SpiStream(Chip ofChip) : chip(ofChip) {}

  Chip chip;
  bool chipStated = false; ///< by the file; else concluded from the frames
  std::vector<SpiFrame> frames;
  /// One a frame, -1: no answer. Empty when there are none at all.
  std::vector<int> answers;
  /// Line of each frame in a text; empty for a binary.
  std::vector<unsigned> lines;
  /// Frames that are not of 40 bits, with the number of bits that they have.
  struct Cut {
    size_t frame = 0;
    unsigned bits = 0;
  };
  std::vector<Cut> cuts;

  /// "line 7 (frame 3)" or "frame 3", from 1; "" for npos.
  std::string place(size_t frame) const;
};

/// Raw bytes, five a frame, as they go through MOSI.
std::string writeSpiBinary(llvm::ArrayRef<SpiFrame> frames);
/// "hillock-odin-spi 1", "chip NAME", then ten hexadecimal digits a line with
/// the answer ("= 1f") and a comment ("# ...").
std::string writeSpiText(Chip chip, const SpiProgram &program,
                         llvm::ArrayRef<int> answers = {});

bool isSpiText(llvm::StringRef content);
/// Text or binary. \p chip: of a binary, when it is known. Cut frames are kept
/// for the lint; all else that is wrong is an input error with its line.
Expected<SpiStream> readSpi(llvm::StringRef content, llvm::StringRef name,
                            std::optional<Chip> chip = {});

/// The network in the chip after the frames. An input error when frames are
/// cut, or the chip does not take what is written. \p fromReadback: memories
/// are only what the chip answered.
Expected<ChipConfig> configOf(const SpiStream &stream,
                              bool fromReadback = false);

} // namespace hillock::odin

#endif // HILLOCK_BACKENDS_ODIN_SPIPROGRAM_H
