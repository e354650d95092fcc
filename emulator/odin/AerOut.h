//===- emulator/odin/AerOut.h - Sender of output events ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_AEROUT_H
#define HILLOCK_EMULATOR_ODIN_AEROUT_H

#include <array>
#include <cstdint>

namespace hillock::emu::odin {

/// Packets that leave one after the other while the controller is stalled: one
/// a spike, up to three in ODIN's monitoring mode.
struct Packets {
  std::array<uint8_t, 3> bytes{};
  uint8_t count = 0;
  void add(uint8_t byte) { bytes[count++] = byte; }
};

/// Four-phase handshake of the AER output. The acknowledge passes two
/// flip-flops.
class AerOut {
public:
  bool request() const { return req; }
  uint8_t address() const { return addr; }
  bool busy() const { return stall; }
  bool ackSynchronised() const { return ack2; }

  /// One edge. What is sent while the acknowledge is still high is lost; the
  /// controller sends nothing while busy.
  void clock(const Packets &packets, bool ackPin) {
    if (!stall) {
      if (packets.count != 0 && !ack2) {
        rest = packets;
        next = 0;
        send();
      }
    } else if (req) {
      req = !ack2;
    } else if (!ack2) {
      if (next < rest.count)
        send();
      else
        stall = false;
    }
    ack2 = ack1;
    ack1 = ackPin;
  }
  /// The effect of the gate, which clears all registers here.
  void clear() { *this = AerOut(); }
  /// Whether edges with \p ackPin change nothing.
  bool settled(bool ackPin) const {
    if (ack1 != ackPin || ack2 != ackPin)
      return false;
    return !stall || req != ackPin;
  }

private:
  void send() {
    req = stall = true;
    addr = rest.bytes[next++];
  }

  bool req = false, stall = false;
  uint8_t addr = 0;
  bool ack1 = false, ack2 = false;
  Packets rest;
  uint8_t next = 0;
};

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_AEROUT_H
