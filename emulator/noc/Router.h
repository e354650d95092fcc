//===- emulator/noc/Router.h - One tile's router ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inputs with finite buffers, a crossbar, and for each output an arbiter that
// takes the inputs in turn. In a cycle a router reads what has arrived
// (accept), then evaluates: each output grants at most one flit, each input
// gives at most one. It touches nothing but its own state; who asked carries
// the granted flits on, and gives their places back to whoever sent them, as
// of a later cycle (giveBack). That is why the order in which routers are
// visited cannot matter.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_NOC_ROUTER_H
#define HILLOCK_EMULATOR_NOC_ROUTER_H

#include "emulator/noc/Credits.h"
#include "emulator/noc/EventWheel.h"
#include "emulator/noc/MeshConfig.h"

namespace hillock::emu {

/// Destinations as flits carry them: x | y << 12 | core in tile << 24.
constexpr uint32_t packDestination(uint32_t x, uint32_t y, uint32_t core) {
  return x | y << 12 | core << 24;
}
constexpr uint32_t destinationX(uint32_t packed) { return packed & 0xFFF; }
constexpr uint32_t destinationY(uint32_t packed) {
  return packed >> 12 & 0xFFF;
}
constexpr uint32_t destinationCore(uint32_t packed) { return packed >> 24; }

/// Who is at the other end of a port's two channels.
struct Peer {
  uint32_t module = 0; ///< a tile, or a node
  uint32_t port = 0;   ///< of the other router
  bool core = false;   ///< it is a node: source and sink
};

/// A flit that leaves an input through an output.
struct Grant {
  uint32_t input = 0, output = 0;
  Flit flit;
};

class Router {
public:
  Router(const MeshConfig &config, uint32_t tile);

  /// Back to empty buffers and full credits.
  void reset();

  /// A flit has arrived at input \p port. True when it makes work.
  bool accept(uint32_t port, Flit flit);
  /// Appends what can be granted in cycle \p now. Returns the cycle in which
  /// the router shall be evaluated again; EventWheel::never when something has
  /// to happen before.
  uint64_t evaluate(uint64_t now, std::vector<Grant> &grants);
  /// The receiver behind output \p port has freed a place, to be used from
  /// cycle \p from on, which is later than now. Returns when to evaluate, like
  /// evaluate().
  uint64_t giveBack(uint32_t port, uint64_t from);
  /// True when nobody else has to wake the router in cycle \p cycle, \p now or
  /// later: the caller does it.
  bool setWake(uint64_t cycle, uint64_t now);

  uint32_t ports() const { return static_cast<uint32_t>(each.size()); }
  const Peer &peer(uint32_t port) const { return each[port].peer; }
  /// Cycles from an output to its receiver.
  uint32_t latency(uint32_t output) const { return each[output].out.latency; }
  /// Flits sent through an output since reset().
  uint64_t sent(uint32_t port) const { return each[port].sent; }
  uint32_t waitingAt(uint32_t port) const { return each[port].count; }
  /// The output that the first flit of a non-empty input needs.
  uint32_t wanted(uint32_t port) const { return route(head(port)); }
  bool blocked(uint32_t output) const {
    return each[output].credits.freeFrom() == Credits::never;
  }

private:
  struct PortState {
    // The input.
    uint32_t first = 0, count = 0;   ///< in the input's ring
    uint32_t ring = 0, capacity = 0; ///< the ring in buffers
    // The output.
    uint32_t requests = 0; ///< mask of inputs whose first flit goes here
    uint32_t next = 0;     ///< input with priority
    uint64_t freeAt = 0;   ///< cycle in which its channel is free
    uint64_t sent = 0;
    Channel out;
    Credits credits{0}; ///< places of the receiver
    Peer peer;
    /// Cycle in which it can send.
    uint64_t canSend() const { return std::max(freeAt, credits.freeFrom()); }
  };

  void connect(uint32_t port, const Channel &out, uint32_t places,
               uint32_t capacity, const Peer &peer);
  const Flit &head(uint32_t port) const {
    return buffers[each[port].ring + each[port].first];
  }
  uint32_t route(const Flit &flit) const;
  void request(uint32_t port, const Flit &flit);
  Flit grant(uint32_t input, uint32_t output, uint64_t now);

  uint32_t x, y, width;
  std::function<Port(uint32_t, uint32_t)> customRoute;
  std::vector<PortState> each;
  std::vector<Flit> buffers;  ///< rings of all inputs
  uint32_t wantedOutputs = 0; ///< mask of outputs with requests
  uint64_t wakeAt = 0;        ///< somebody wakes the router then
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_NOC_ROUTER_H
