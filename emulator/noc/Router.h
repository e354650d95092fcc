//===- emulator/noc/Router.h - One tile's router ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inputs with finite buffers, a crossbar, and for each output an arbiter that
// takes the inputs in turn. In a cycle a router reads what has arrived (accept,
// credit), then evaluates and writes (evaluate): each output sends at most one
// flit, each input gives at most one. It touches nothing but its own state and
// the wheel, and what it writes is read in a later cycle: that is why the order
// in which routers are visited cannot matter.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_NOC_ROUTER_H
#define HILLOCK_EMULATOR_NOC_ROUTER_H

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

class Router {
public:
  Router(const MeshConfig &config, uint32_t tile);

  /// Back to empty buffers and full credits.
  void reset();

  /// A flit has arrived at input \p port. True when it makes work.
  bool accept(uint32_t port, Flit flit);
  /// The receiver behind output \p port has freed a place. True when that
  /// makes work.
  bool credit(uint32_t port);
  /// Grants what can be granted in this cycle.
  void evaluate(EventWheel &wheel);

  uint32_t ports() const { return static_cast<uint32_t>(inputs.size()); }
  /// Flits sent through an output since reset().
  uint64_t sent(uint32_t port) const { return outputs[port].sent; }
  uint32_t waitingAt(uint32_t port) const { return inputs[port].count; }
  /// The output that the first flit of a non-empty input needs.
  uint32_t wanted(uint32_t port) const { return route(head(port)); }
  bool blocked(uint32_t output) const { return outputs[output].credits == 0; }
  /// The receiver behind an output: a router's input or a sink.
  const Event &receiver(uint32_t output) const {
    return outputs[output].receiver;
  }

private:
  struct Input {
    uint32_t first = 0, count = 0;   ///< in the input's ring
    uint32_t ring = 0, capacity = 0; ///< the ring in buffers
    Event sender;                    ///< who gets the credit, as an event
  };
  struct Output {
    uint32_t requests = 0; ///< mask of inputs whose first flit goes here
    uint32_t credits = 0;
    uint32_t next = 0; ///< input with priority
    Channel channel;
    uint32_t places = 0; ///< of the receiver; 0: there is none
    uint64_t freeAt = 0; ///< cycle in which it may send again
    uint64_t sent = 0;
    Event receiver; ///< who gets the flit, as an event
  };

  void connect(const MeshConfig &config);
  void connect(const MeshConfig &config, uint32_t port, const Channel &out,
               const Event &receiver, const Channel &in, const Event &sender);
  const Flit &head(uint32_t port) const {
    return buffers[inputs[port].ring + inputs[port].first];
  }
  uint32_t route(const Flit &flit) const;
  void request(uint32_t port);
  void send(uint32_t input, uint32_t output, EventWheel &wheel);
  void sleep(EventWheel &wheel);

  uint32_t tile, x, y, creditLatency, width;
  std::function<Port(uint32_t, uint32_t)> customRoute;
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  std::vector<Flit> buffers;  ///< rings of all inputs
  uint32_t wantedOutputs = 0; ///< mask of outputs with requests
  uint64_t wakeAt = 0;        ///< a wake event lies in the wheel
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_NOC_ROUTER_H
