//===- runtime/devices/odin/Pins.h - What a host can touch ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pins of ODIN and tinyODIN, and nothing else. The emulated chip is behind
// this interface, and so can be an FPGA board.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_DEVICES_ODIN_PINS_H
#define HILLOCK_RUNTIME_DEVICES_ODIN_PINS_H

#include "emulator/odin/EdgeModel.h"
#include <memory>

namespace hillock::runtime::odin {

using emu::odin::Chip;
using emu::odin::InputPins;

struct OutputPins {
  bool aerInAck = false;
  bool aerOutReq = false;
  uint8_t aerOutAddress = 0; ///< while aerOutReq is high
  bool miso = false;
};

/// Levels are set between rising edges of the chip's clock and are seen by the
/// chip at the next one; outputs are those after the last edge.
class Pins {
public:
  virtual ~Pins() = default;

  /// Restarts the controller and the counting of SPI clocks. Memories and
  /// registers stay as they are: the chips do not reset them.
  virtual void reset() = 0;
  /// Sets the inputs, lets at least one and at most \p edges rising edges come
  /// (\p edges > 0), and stops after the first at which the acknowledge of AER
  /// in or the request of AER out changes. Returns how many came.
  virtual uint64_t clock(const InputPins &inputs, uint64_t edges) = 0;
  virtual OutputPins outputs() const = 0;
  /// Rising edges since reset().
  virtual uint64_t cycle() const = 0;
  /// For hosts that can send several SPI bits at once: sends up to \p number
  /// bits of \p frame from \p bit on (0 is the highest of 40), each with SCK
  /// low and high for \p half cycles. SCK is high before and after. Returns how
  /// many were sent; what is left goes through clock().
  virtual unsigned shiftBits(const InputPins &, uint64_t, unsigned, unsigned,
                             uint64_t) {
    return 0;
  }
  /// What an emulated chip counted; null on a real one.
  virtual const emu::odin::Work *work() const { return nullptr; }
};

enum class Speed : uint8_t {
  Events, ///< jumps over edges at which nothing leaves the memories
  Edges,  ///< every edge; the same pins, fifty times slower
};

/// A chip after reset. What no power-up defines (memories, registers) is 0, or
/// with \p powerUpSeed != 0 random, as on a real chip.
std::unique_ptr<Pins> emulatedPins(Chip chip, Speed speed = Speed::Events,
                                   uint64_t powerUpSeed = 0);

} // namespace hillock::runtime::odin

#endif // HILLOCK_RUNTIME_DEVICES_ODIN_PINS_H
