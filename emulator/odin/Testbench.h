//===- emulator/odin/Testbench.h - Surroundings of the chip -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an FPGA beside the chip does: sends SPI frames, then events with a
// four-phase handshake, and acknowledges output events. Sees pins only, and
// reacts at the next edge at the earliest.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_TESTBENCH_H
#define HILLOCK_EMULATOR_ODIN_TESTBENCH_H

#include "emulator/odin/EdgeModel.h"
#include <optional>
#include <vector>

namespace hillock::emu::odin {

/// Delays in cycles, on top of the shortest possible.
struct Policy {
  uint64_t inGap = 0;      ///< from the end of an input event to the next
  uint64_t inRelease = 0;  ///< from acknowledge to the fall of the request
  uint64_t outAck = 0;     ///< from request to acknowledge
  uint64_t outRelease = 0; ///< from the fall of the request to that of it
  uint64_t maxCycles = 2000000;
};

struct Stimulus {
  std::vector<uint64_t> frames; ///< of 40 bits, one after the other from 0
  uint64_t halfPeriod = 4;      ///< cycles that SCK is low, then high
  struct Request {
    uint64_t earliest = 0; ///< cycle
    uint32_t address = 0;
  };
  std::vector<Request> events; ///< begin when the frames have ended
  Policy policy;
};

/// Cycles of the four edges of a handshake; what did not happen is empty.
struct Handshake {
  uint32_t address = 0;
  std::optional<uint64_t> reqRise, ackRise, reqFall, ackFall;
  bool operator==(const Handshake &) const = default;
};

struct Readback {
  uint64_t end = 0; ///< cycle at which the frame ends
  uint64_t frame = 0;
  uint8_t byte = 0;
};

struct Outcome {
  uint64_t cycles = 0;
  bool idle = false; ///< ended because nothing happened for 64 cycles
  std::vector<Handshake> in, out;
  std::vector<Readback> readback;
};

/// Drives \p model until nothing happens any more or the cycles are used up.
Outcome run(EdgeModel &model, const Stimulus &stimulus);

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_TESTBENCH_H
