//===- emulator/noc/Router.cpp --------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/noc/Router.h"
#include <algorithm>

namespace hillock::emu {

namespace {

constexpr uint32_t opposite(uint32_t direction) { return direction ^ 1; }

constexpr uint32_t core0 = static_cast<uint32_t>(Port::Core);

/// The first set bit from \p next on, round again. \p mask is not 0.
uint32_t takeTurn(uint32_t mask, uint32_t next) {
  const uint32_t later = mask & (~uint32_t(0) << next);
  return static_cast<uint32_t>(std::countr_zero(later != 0 ? later : mask));
}

} // namespace

static_assert(opposite(static_cast<uint32_t>(Port::East)) ==
                  static_cast<uint32_t>(Port::West) &&
              opposite(static_cast<uint32_t>(Port::North)) ==
                  static_cast<uint32_t>(Port::South));

Router::Router(const MeshConfig &config, uint32_t tile)
    : x(tile % config.width), y(tile / config.width), width(config.width),
      customRoute(config.route), each(meshDirections + config.coresPerTile) {
  for (uint32_t d = 0; d < meshDirections; ++d) {
    const uint32_t other = config.neighbour(tile, static_cast<Port>(d));
    if (other == config.tiles())
      continue;
    // Both ways between two tiles are alike.
    const Channel &channel = config.channel(tile, static_cast<Port>(d));
    const uint32_t places = config.bufferOf(channel);
    connect(d, channel, places, places, {other, opposite(d), false});
  }
  for (uint32_t core = 0; core < config.coresPerTile; ++core)
    connect(core0 + core, config.eject, config.bufferOf(config.eject),
            config.bufferOf(config.inject),
            {tile * config.coresPerTile + core, 0, true});
}

void Router::connect(uint32_t port, const Channel &out, uint32_t places,
                     uint32_t capacity, const Peer &peer) {
  PortState &state = each[port];
  state.out = out;
  state.credits = Credits(places);
  state.peer = peer;
  state.capacity = capacity;
  state.ring = static_cast<uint32_t>(buffers.size());
  buffers.resize(buffers.size() + capacity);
}

void Router::reset() {
  for (PortState &port : each) {
    port.first = port.count = port.requests = port.next = 0;
    port.freeAt = port.sent = 0;
    port.credits.reset();
  }
  wantedOutputs = 0;
  wakeAt = 0;
}

uint32_t Router::route(const Flit &flit) const {
  const uint32_t toX = destinationX(flit.destination);
  const uint32_t toY = destinationY(flit.destination);
  if (customRoute && (toX != x || toY != y))
    return static_cast<uint32_t>(customRoute(y * width + x, toY * width + toX));
  // Nobody can guess where a flit goes: no branches.
  uint32_t port = core0 + destinationCore(flit.destination);
  port = toY < y ? static_cast<uint32_t>(Port::North) : port;
  port = toY > y ? static_cast<uint32_t>(Port::South) : port;
  port = toX < x ? static_cast<uint32_t>(Port::West) : port;
  port = toX > x ? static_cast<uint32_t>(Port::East) : port;
  return port;
}

void Router::request(uint32_t port, const Flit &flit) {
  const uint32_t output = route(flit);
  each[output].requests |= uint32_t(1) << port;
  wantedOutputs |= uint32_t(1) << output;
}

bool Router::accept(uint32_t port, Flit flit) {
  PortState &in = each[port];
  uint32_t at = in.first + in.count;
  if (at >= in.capacity)
    at -= in.capacity;
  buffers[in.ring + at] = flit;
  if (++in.count > 1)
    return false;
  request(port, flit);
  return true;
}

uint64_t Router::giveBack(uint32_t port, uint64_t from) {
  PortState &out = each[port];
  const bool waited = out.requests != 0 && blocked(port);
  out.credits.give(from);
  return waited ? out.canSend() : EventWheel::never;
}

bool Router::setWake(uint64_t cycle, uint64_t now) {
  if (cycle == EventWheel::never || (wakeAt > now && wakeAt <= cycle))
    return false;
  wakeAt = cycle;
  return true;
}

Flit Router::grant(uint32_t input, uint32_t output, uint64_t now) {
  PortState &in = each[input];
  PortState &out = each[output];
  const Flit flit = head(input);
  // An empty ring begins anew, so that little of it is in use.
  --in.count;
  in.first = in.count == 0 || in.first + 1 == in.capacity ? 0 : in.first + 1;
  out.credits.take();
  ++out.sent;
  out.freeAt = now + out.out.interval;
  out.next = input + 1 == ports() ? 0 : input + 1;
  out.requests &= ~(uint32_t(1) << input);
  if (out.requests == 0)
    wantedOutputs &= ~(uint32_t(1) << output);
  return flit;
}

uint64_t Router::evaluate(uint64_t now, std::vector<Grant> &grants) {
  uint32_t gave = 0; // inputs that have given a flit in this cycle
  for (uint32_t rest = wantedOutputs; rest != 0; rest &= rest - 1) {
    const auto output = static_cast<uint32_t>(std::countr_zero(rest));
    PortState &out = each[output];
    if (out.canSend() > now)
      continue;
    const uint32_t input = takeTurn(out.requests, out.next);
    grants.push_back({input, output, grant(input, output, now)});
    gave |= uint32_t(1) << input;
  }
  // Only now, so that an input gives no second flit in the same cycle.
  for (; gave != 0; gave &= gave - 1) {
    const auto input = static_cast<uint32_t>(std::countr_zero(gave));
    if (each[input].count > 0)
      request(input, head(input));
  }
  uint64_t next = EventWheel::never;
  for (uint32_t rest = wantedOutputs; rest != 0; rest &= rest - 1) {
    const auto output = static_cast<uint32_t>(std::countr_zero(rest));
    next = std::min(next, std::max(now + 1, each[output].canSend()));
  }
  return next;
}

} // namespace hillock::emu
