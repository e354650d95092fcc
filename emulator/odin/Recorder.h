//===- emulator/odin/Recorder.h - What happens in which cycle ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_RECORDER_H
#define HILLOCK_EMULATOR_ODIN_RECORDER_H

#include <cstdint>
#include <vector>

namespace hillock::emu::odin {

/// Cycle and new value, both after the clock edge.
struct Change {
  uint64_t cycle = 0;
  uint64_t value = 0;
  bool operator==(const Change &) const = default;
};

/// The registers that are watched, after an edge.
struct Visible {
  uint8_t flags = 0;   ///< AER in acknowledge, AER out request << 1, stall << 2
  uint8_t address = 0; ///< of AER out
  uint8_t state = 0;
  uint8_t fifo = 0;
  uint16_t controlCount = 0;
  uint8_t neuronCount = 0;
};

/// Changes of the controller and the FIFO, lost pushes, and a running FNV-1a
/// hash over all registers of all cycles.
class Recorder {
public:
  /// \p hashEvery: cycles between samples of the hash; 0: no hash.
  explicit Recorder(uint64_t hashEvery)
      : hashEvery(hashEvery), nextSample(hashEvery - 1) {}

  /// The edge of \p cycle has left \p now.
  void edge(uint64_t cycle, const Visible &now) {
    note(cycle, now);
    if (hashEvery != 0)
      hashOne(cycle, now);
  }
  void lostPush(uint64_t cycle) { lost.push_back(cycle); }

  /// \p edges in which only the counters change from \p first on (which is
  /// after the first of them): both stand still, or the control count rises by
  /// one an edge, and the neuron count after every odd value of it.
  enum class Run { Still, Control, Sweep };
  void run(uint64_t cycle, uint64_t edges, Visible first, Run kind);

  std::vector<Change> states, fills;
  std::vector<uint64_t> lost;
  std::vector<Change> samples; ///< of the hash
  uint64_t hash = 1469598103934665603u;

private:
  void note(uint64_t cycle, const Visible &now) {
    if (now.state != lastState || cycle == 0)
      states.push_back({cycle, now.state});
    if (now.fifo != lastFifo || cycle == 0)
      fills.push_back({cycle, now.fifo});
    lastState = now.state;
    lastFifo = now.fifo;
  }
  void hashOne(uint64_t cycle, const Visible &now) {
    uint64_t h = hash;
    for (uint8_t byte :
         {now.flags, now.address, now.state, now.fifo,
          static_cast<uint8_t>(now.controlCount),
          static_cast<uint8_t>(now.controlCount >> 8), now.neuronCount})
      h = (h ^ byte) * 1099511628211u;
    hash = h;
    if (cycle == nextSample) {
      samples.push_back({cycle, h});
      nextSample += hashEvery;
    }
  }

  uint64_t hashEvery, nextSample;
  uint8_t lastState = 0, lastFifo = 0;
};

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_RECORDER_H
