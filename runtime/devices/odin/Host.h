//===- runtime/devices/odin/Host.h - Handshakes on the pins -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_DEVICES_ODIN_HOST_H
#define HILLOCK_RUNTIME_DEVICES_ODIN_HOST_H

#include "backends/odin/SpiFrame.h"
#include "runtime/devices/odin/OdinDevice.h"
#include <functional>

namespace hillock::runtime::odin {

/// Sends SPI frames and events, and acknowledges whatever leaves the chip. Sees
/// pins only, and reacts to an edge at the next one at the earliest.
class Host {
public:
  Host(Pins &pins, const DeviceOptions &options)
      : pins(pins), options(options) {}

  /// Request and release of an output event, in cycles of the chip.
  struct Output {
    uint64_t rise = 0;    ///< the edge after which the request was there
    uint64_t release = 0; ///< the edge at which the acknowledge is low again
    uint8_t address = 0;
  };
  std::function<void(const Output &)> onRise, onRelease;

  void reset();
  uint64_t now() const { return pins.cycle(); }
  /// Whether no output event is under way.
  bool quiet() const { return phase == Phase::Idle; }

  /// 40 bits; what MISO shows with the last eight.
  uint8_t sendFrame(uint64_t bits);
  /// SCK goes low with the next edge, which ends the last frame.
  void endFrames();

  /// The acknowledge's edges, or nothing when it did not come in time.
  struct Input {
    uint64_t rise = 0, fall = 0;
  };
  std::optional<Input> sendEvent(uint32_t address);
  /// Lets the clock run up to \p cycle or the next change of a pin.
  void waitUntil(uint64_t cycle);

private:
  enum class Phase : uint8_t { Idle, Ack, AwaitFall, Release };

  bool awaitAck(bool level);
  void hold(uint64_t cycles);

  Pins &pins;
  const DeviceOptions &options;
  InputPins levels;
  Phase phase = Phase::Idle;
  uint64_t due = ~uint64_t(0); ///< the receiver's next change
  Output output;
};

} // namespace hillock::runtime::odin

#endif // HILLOCK_RUNTIME_DEVICES_ODIN_HOST_H
