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
    : tile(tile), x(tile % config.width), y(tile / config.width),
      creditLatency(config.creditLatency), width(config.width),
      customRoute(config.route), inputs(meshDirections + config.coresPerTile),
      outputs(inputs.size()) {
  connect(config);
  reset();
}

void Router::connect(const MeshConfig &config) {
  for (uint32_t d = 0; d < meshDirections; ++d) {
    const uint32_t other = config.neighbour(tile, static_cast<Port>(d));
    if (other == config.tiles())
      continue;
    // Both ways between two tiles are alike. What comes in from a side was
    // sent by the neighbour on that side.
    const Channel &channel = config.channel(tile, static_cast<Port>(d));
    const auto there = static_cast<uint16_t>(opposite(d));
    connect(config, d, channel, {other, there, EventKind::FlitToRouter, {}},
            channel, {other, there, EventKind::CreditToRouter, {}});
  }
  for (uint32_t core = 0; core < config.coresPerTile; ++core) {
    const uint32_t node = tile * config.coresPerTile + core;
    connect(config, core0 + core, config.eject,
            {node, 0, EventKind::FlitToSink, {}}, config.inject,
            {node, 0, EventKind::CreditToSource, {}});
  }
}

void Router::connect(const MeshConfig &config, uint32_t port,
                     const Channel &out, const Event &receiver,
                     const Channel &in, const Event &sender) {
  Output &output = outputs[port];
  output.channel = out;
  output.places = config.bufferOf(out);
  output.receiver = receiver;
  Input &input = inputs[port];
  input.sender = sender;
  input.capacity = config.bufferOf(in);
  input.ring = static_cast<uint32_t>(buffers.size());
  buffers.resize(buffers.size() + input.capacity);
}

void Router::reset() {
  for (Input &in : inputs)
    in.first = in.count = 0;
  for (Output &out : outputs) {
    out.requests = out.next = 0;
    out.credits = out.places;
    out.freeAt = out.sent = 0;
  }
  wantedOutputs = 0;
  wakeAt = 0;
}

uint32_t Router::route(const Flit &flit) const {
  const uint32_t toX = destinationX(flit.destination);
  const uint32_t toY = destinationY(flit.destination);
  if (toX == x && toY == y)
    return core0 + destinationCore(flit.destination);
  if (customRoute)
    return static_cast<uint32_t>(customRoute(tile, toY * width + toX));
  if (toX != x)
    return static_cast<uint32_t>(toX > x ? Port::East : Port::West);
  return static_cast<uint32_t>(toY > y ? Port::South : Port::North);
}

void Router::request(uint32_t port) {
  const uint32_t output = route(head(port));
  outputs[output].requests |= uint32_t(1) << port;
  wantedOutputs |= uint32_t(1) << output;
}

bool Router::accept(uint32_t port, Flit flit) {
  Input &in = inputs[port];
  uint32_t at = in.first + in.count;
  if (at >= in.capacity)
    at -= in.capacity;
  buffers[in.ring + at] = flit;
  if (++in.count > 1)
    return false;
  request(port);
  return true;
}

bool Router::credit(uint32_t port) {
  ++outputs[port].credits;
  return outputs[port].requests != 0;
}

void Router::send(uint32_t input, uint32_t output, EventWheel &wheel) {
  const uint64_t now = wheel.now();
  Input &in = inputs[input];
  Output &out = outputs[output];
  Event event = out.receiver;
  event.flit = head(input);
  wheel.push(now + out.channel.latency, event);
  wheel.push(now + creditLatency, in.sender);
  in.first = in.first + 1 == in.capacity ? 0 : in.first + 1;
  --in.count;
  --out.credits;
  ++out.sent;
  out.freeAt = now + out.channel.interval;
  out.next = input + 1 == inputs.size() ? 0 : input + 1;
  out.requests &= ~(uint32_t(1) << input);
  if (out.requests == 0)
    wantedOutputs &= ~(uint32_t(1) << output);
}

void Router::evaluate(EventWheel &wheel) {
  const uint64_t now = wheel.now();
  uint32_t gave = 0; // inputs that have given a flit in this cycle
  for (uint32_t rest = wantedOutputs; rest != 0; rest &= rest - 1) {
    const auto output = static_cast<uint32_t>(std::countr_zero(rest));
    Output &out = outputs[output];
    if (out.credits == 0 || out.freeAt > now)
      continue;
    const uint32_t input = takeTurn(out.requests, out.next);
    send(input, output, wheel);
    gave |= uint32_t(1) << input;
  }
  // Only now, so that an input gives no second flit in the same cycle.
  for (; gave != 0; gave &= gave - 1) {
    const auto input = static_cast<uint32_t>(std::countr_zero(gave));
    if (inputs[input].count > 0)
      request(input);
  }
  sleep(wheel);
}

/// An output that lacks nothing but time wakes the router; one that lacks
/// credits is woken by them.
void Router::sleep(EventWheel &wheel) {
  const uint64_t now = wheel.now();
  uint64_t next = EventWheel::never;
  for (uint32_t rest = wantedOutputs; rest != 0; rest &= rest - 1) {
    const Output &out = outputs[static_cast<uint32_t>(std::countr_zero(rest))];
    if (out.credits > 0)
      next = std::min(next, std::max(now + 1, out.freeAt));
  }
  if (next == EventWheel::never || (wakeAt > now && wakeAt <= next))
    return;
  wakeAt = next;
  wheel.push(next, {tile, 0, EventKind::WakeRouter, {}});
}

} // namespace hillock::emu
