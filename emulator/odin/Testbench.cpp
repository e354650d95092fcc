//===- emulator/odin/Testbench.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/Testbench.h"
#include <algorithm>

namespace hillock::emu::odin {

namespace {

constexpr uint64_t kNever = ~uint64_t(0);
constexpr uint64_t kIdleCycles = 64;

/// Sends frames; one change of SCK at a time.
class SpiHost {
public:
  explicit SpiHost(const Stimulus &stimulus)
      : stimulus(stimulus), half(std::max<uint64_t>(stimulus.halfPeriod, 1)),
        due(stimulus.frames.empty() ? kNever : 0) {}

  uint64_t nextChange() const { return due; }
  bool done() const { return due == kNever; }
  uint64_t endCycle() const { return stimulus.frames.size() * 80 * half; }

  /// Sends bits before \p until that only shift, as one; called at cycle
  /// nextChange(). Returns the cycles that this took.
  uint64_t skip(EdgeModel &model, uint64_t until, const InputPins &pins) {
    if (!pins.sck || frame == stimulus.frames.size())
      return 0;
    // The host listens to the last 8 bits of what it reads.
    uint64_t word = stimulus.frames[frame];
    unsigned listens = word >> 39 & 1 ? 32 : 40;
    uint64_t bits = listens - std::min(bit, listens);
    bits = std::min(bits, (until - due) / (2 * half));
    auto done =
        model.shiftBits(pins, word, bit, static_cast<unsigned>(bits), half);
    bit += done;
    due += 2 * half * done;
    return 2 * half * done;
  }

  /// Called at cycle nextChange(), before its edge.
  void drive(uint64_t cycle, InputPins &pins, bool miso, Outcome &outcome) {
    if (frame == stimulus.frames.size()) {
      pins.sck = pins.mosi = false;
      due = kNever;
      return;
    }
    uint64_t word = stimulus.frames[frame];
    due = cycle + half;
    if (pins.sck || (bit == 0 && !low)) {
      pins.sck = false;
      pins.mosi = word >> (39 - bit) & 1;
      low = true;
      return;
    }
    // What the chip shows is taken just before the clock rises.
    if (bit >= 32)
      byte = static_cast<uint8_t>(byte << 1 | (miso ? 1 : 0));
    pins.sck = true;
    low = false;
    if (++bit < 40)
      return;
    bool memory = (word >> 36 & 3) == 1 || (word >> 36 & 3) == 2;
    if (memory && (word >> 39 & 1))
      outcome.readback.push_back({cycle + half, word, byte});
    bit = 0;
    ++frame;
  }

private:
  const Stimulus &stimulus;
  uint64_t half, due;
  size_t frame = 0;
  unsigned bit = 0;
  bool low = false;
  uint8_t byte = 0;
};

class Sender {
public:
  Sender(const Stimulus &stimulus, uint64_t start)
      : stimulus(stimulus), ready(start) {
    plan();
  }
  uint64_t nextChange() const { return due; }
  bool done() const { return due == kNever && phase == Phase::Idle; }
  /// The sender sees the end of a handshake an edge later.
  uint64_t quietSince() const { return quiet; }

  void drive(uint64_t cycle, InputPins &pins, Outcome &outcome) {
    if (phase == Phase::Idle) {
      pins.aerInReq = true;
      pins.aerInAddress = stimulus.events[next++].address;
      Handshake row;
      row.address = pins.aerInAddress;
      row.reqRise = cycle;
      outcome.in.push_back(row);
      phase = Phase::AwaitAck;
    } else {
      pins.aerInReq = false;
      outcome.in.back().reqFall = cycle;
      phase = Phase::AwaitRelease;
    }
    due = kNever;
  }
  /// The acknowledge after the edge of \p cycle.
  void observe(uint64_t cycle, bool ack, Outcome &outcome) {
    if (phase == Phase::AwaitAck && ack) {
      outcome.in.back().ackRise = cycle;
      due = cycle + 1 + stimulus.policy.inRelease;
      phase = Phase::Release;
    } else if (phase == Phase::AwaitRelease && !ack) {
      outcome.in.back().ackFall = cycle;
      quiet = cycle + 1;
      ready = quiet + stimulus.policy.inGap;
      phase = Phase::Idle;
      plan();
    }
  }

private:
  void plan() {
    due = next < stimulus.events.size()
              ? std::max(ready, stimulus.events[next].earliest)
              : kNever;
  }
  enum class Phase { Idle, AwaitAck, Release, AwaitRelease };
  const Stimulus &stimulus;
  Phase phase = Phase::Idle;
  size_t next = 0;
  uint64_t ready, due = kNever, quiet = 0;
};

class Receiver {
public:
  explicit Receiver(const Policy &policy) : policy(policy) {}
  uint64_t nextChange() const { return due; }
  bool done() const { return phase == Phase::Idle; }

  void drive(uint64_t cycle, InputPins &pins, Outcome &outcome) {
    pins.aerOutAck = phase == Phase::Ack;
    if (pins.aerOutAck) {
      outcome.out.back().ackRise = cycle;
      phase = Phase::AwaitFall;
    } else {
      outcome.out.back().ackFall = cycle;
      phase = Phase::Idle;
    }
    due = kNever;
  }
  void observe(uint64_t cycle, bool req, uint8_t address, Outcome &outcome) {
    if (phase == Phase::Idle && req) {
      Handshake row;
      row.address = address;
      row.reqRise = cycle;
      outcome.out.push_back(row);
      due = cycle + 1 + policy.outAck;
      phase = Phase::Ack;
    } else if (phase == Phase::AwaitFall && !req) {
      outcome.out.back().reqFall = cycle;
      due = cycle + 1 + policy.outRelease;
      phase = Phase::Release;
    }
  }

private:
  enum class Phase { Idle, Ack, AwaitFall, Release };
  const Policy &policy;
  Phase phase = Phase::Idle;
  uint64_t due = kNever;
};

} // namespace

Outcome run(EdgeModel &model, const Stimulus &stimulus) {
  Outcome outcome;
  InputPins pins;
  SpiHost spi(stimulus);
  Sender sender(stimulus, spi.endCycle());
  Receiver receiver(stimulus.policy);
  const ChipState &chip = model.state();
  uint64_t cycle = 0, idleSince = kNever;
  uint64_t end = stimulus.policy.maxCycles;
  while (cycle < end) {
    if (spi.nextChange() == cycle) {
      uint64_t quiet =
          std::min({sender.nextChange(), receiver.nextChange(), end});
      if (uint64_t skipped = spi.skip(model, quiet, pins)) {
        cycle += skipped;
        continue;
      }
    }
    if (spi.nextChange() == cycle)
      spi.drive(cycle, pins, chip.spi.miso(), outcome);
    if (sender.nextChange() == cycle)
      sender.drive(cycle, pins, outcome);
    if (receiver.nextChange() == cycle)
      receiver.drive(cycle, pins, outcome);
    uint64_t until = std::min(
        {spi.nextChange(), sender.nextChange(), receiver.nextChange(), end});
    if (idleSince != kNever)
      until = std::min(until, idleSince + kIdleCycles);
    cycle += model.advance(pins, until - cycle);
    sender.observe(cycle - 1, chip.aerInAck(), outcome);
    receiver.observe(cycle - 1, chip.aerOut.request(), chip.aerOut.address(),
                     outcome);
    bool idle = spi.done() && sender.done() && receiver.done() && chip.idle();
    if (!idle)
      idleSince = kNever;
    else if (idleSince == kNever)
      idleSince = std::max(cycle - 1, sender.quietSince());
    if (idle && idleSince + kIdleCycles <= cycle) {
      outcome.idle = true;
      break;
    }
  }
  outcome.cycles = cycle;
  return outcome;
}

} // namespace hillock::emu::odin
