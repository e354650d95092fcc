//===- runtime/devices/odin/OdinDevice.h - A host of ODIN -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs ODIN or tinyODIN and runs it through SPI and AER pins only, as the
// FPGA beside the fabricated chip does.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_DEVICES_ODIN_ODINDEVICE_H
#define HILLOCK_RUNTIME_DEVICES_ODIN_ODINDEVICE_H

#include "backends/odin/OdinConfig.h"
#include "base/Error.h"
#include "runtime/devices/odin/OdinEnergy.h"
#include "runtime/devices/odin/Pins.h"
#include "llvm/ADT/ArrayRef.h"
#include <memory>
#include <vector>

namespace hillock::runtime::odin {

struct DeviceOptions {
  Speed speed = Speed::Events;
  uint64_t powerUpSeed = 0; ///< see emulatedPins()
  /// Cycles that SCK is low, and high. 2: a quarter of the chip's clock, the
  /// documented limit.
  uint64_t sckHalfPeriod = 2;
  // Delays of the host in cycles, on top of the shortest possible.
  uint64_t inGap = 0;      ///< from the end of an input event to the next
  uint64_t inRelease = 0;  ///< from acknowledge to the fall of the request
  uint64_t outAck = 0;     ///< from request to acknowledge
  uint64_t outRelease = 0; ///< from the fall of the request to that of it
  /// Cycles after which run() gives up: a request that is not acknowledged, or
  /// a chip that does not come to rest.
  uint64_t patience = 1000000;
  /// Refuse virtual events of weight 0, which the chips take for spikes.
  bool checkEvents = true;
};

/// One event at AER in.
struct Request {
  uint32_t address = 0; ///< AERIN_ADDR, see aerCode()
  /// First lets the chip come to rest: all that was sent, and all spikes that
  /// came of it, have been processed. The host knows this from the outputs and
  /// the longest time that each event takes.
  bool rest = false;
  uint64_t earliest = 0; ///< cycle since the begin of run()
};

/// One event at AER out.
struct Spike {
  uint64_t cycle = 0; ///< rise of AEROUT_REQ, since the begin of run()
  uint8_t address = 0;
  uint32_t requests = 0; ///< requests acknowledged before it
};

/// What the chip did, by what a host can know.
struct Work {
  uint64_t cycles = 0;
  /// Input events, and (closed loop) spikes that went back into the chip.
  uint64_t neuronEvents = 0, virtualEvents = 0, synapseEvents = 0;
  uint64_t leaks = 0;  ///< time references, for all neurons or one
  uint64_t drifts = 0; ///< bistability, of all rows or one
  uint64_t sops = 0;   ///< synaptic operations
  /// More events may have waited than fit into the chip, so that some of
  /// those above may not have happened. Never with a counter in the chip.
  bool overflowed = false;
  /// Events that were lost; known of an emulated chip only.
  uint64_t lost = 0;
  Work &operator+=(const Work &other);
};

struct ProgramResult {
  uint64_t frames = 0, bits = 0, cycles = 0;
  uint64_t readback = 0; ///< bytes that were read and are as written
  /// Bytes of the reading frames, in their order.
  std::vector<uint8_t> bytes;
};

struct RunResult {
  std::vector<Spike> spikes;
  /// Cycle at which each request was acknowledged.
  std::vector<uint64_t> acknowledged;
  Work work;
  Energy energy;
};

class Device {
public:
  /// An emulated chip.
  static std::unique_ptr<Device> create(Chip chip,
                                        const DeviceOptions &options = {});
  /// Any other.
  Device(Chip chip, std::unique_ptr<Pins> pins, const DeviceOptions &options);
  ~Device();

  /// Resets the controller, sends \p frames (40 bits each, see
  /// backends/odin/Spi.h), compares every byte that they read with what they
  /// wrote before. Errors name the frame.
  Expected<ProgramResult> program(llvm::ArrayRef<uint64_t> frames);
  /// Sends further frames without a reset; for state between inputs.
  Expected<ProgramResult> send(llvm::ArrayRef<uint64_t> frames);
  /// Sends \p requests in order and collects all spikes until the chip is at
  /// rest, or with \p cycles != 0 for so long (for networks that never are).
  /// Errors: a chip that is not programmed or does not answer; an address that
  /// it does not understand.
  Expected<RunResult> run(llvm::ArrayRef<Request> requests,
                          uint64_t cycles = 0);

  Chip chip() const;
  /// What the frames have made of the chip; states of neurons as written.
  const hillock::odin::ChipConfig &config() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace hillock::runtime::odin

#endif // HILLOCK_RUNTIME_DEVICES_ODIN_ODINDEVICE_H
