//===- runtime/devices/odin/Rest.h - When the chip is at rest ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_DEVICES_ODIN_REST_H
#define HILLOCK_RUNTIME_DEVICES_ODIN_REST_H

#include "backends/odin/OdinConfig.h"
#include "runtime/devices/odin/OdinDevice.h"

namespace hillock::runtime::odin {

/// The chips do not show whether events wait inside. But a host that has sent
/// all input events and sees all spikes knows how many there are, and each kind
/// takes a fixed number of cycles, so it knows a cycle at which the last one
/// has been processed.
class Rest {
public:
  Rest(const hillock::odin::ChipConfig &config, uint64_t now);

  /// At rest after the edge before this cycle, if nothing new comes.
  uint64_t at() const { return end; }
  /// An input event was acknowledged from \p rise to \p fall.
  void accepted(uint32_t address, uint64_t rise, uint64_t fall);
  /// An output event begins to stall the controller.
  void rose(uint64_t cycle);
  /// The stall ends two edges after \p release.
  void released(uint64_t rise, uint64_t release);
  /// Counts by what was seen.
  const Work &work() const { return counted; }

private:
  void add(uint64_t from, uint64_t cycles);

  Chip chip;
  bool closed;    ///< spikes enter the scheduler
  bool processed; ///< outputs are events that were processed
  bool monitor;   ///< outputs are states of one neuron
  uint64_t sweep; ///< cycles of one neuron event and the wait before it
  uint64_t sops;  ///< of one neuron event
  uint64_t depth; ///< of the scheduler
  uint64_t end;
  Work counted;
};

} // namespace hillock::runtime::odin

#endif // HILLOCK_RUNTIME_DEVICES_ODIN_REST_H
