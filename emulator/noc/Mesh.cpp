//===- emulator/noc/Mesh.cpp ----------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cycle: everything that is due is read; then the routers and sources that
// it concerns are evaluated and write. Whoever got nothing sleeps.
//
//===----------------------------------------------------------------------===//
#include "emulator/noc/Mesh.h"
#include "base/Random.h"
#include "emulator/noc/Deadlock.h"
#include "emulator/noc/Router.h"
#include <algorithm>

namespace hillock::emu {

namespace {

struct Source {
  uint32_t next = 0, end = 0; ///< packets
  uint32_t credits = 0;
  bool ready = false; ///< the next packet waits for a credit
};

uint64_t farthest(const MeshConfig &config) {
  uint64_t span = config.creditLatency;
  for (const Channel &channel : {config.x, config.y, config.chipX, config.chipY,
                                 config.inject, config.eject})
    span = std::max<uint64_t>({span, channel.latency, channel.interval});
  return span;
}

class FlitMesh final : public Mesh {
public:
  explicit FlitMesh(MeshConfig given)
      : settings(std::move(given)), wheel(farthest(settings)),
        sources(settings.nodes()), seenAt(settings.tiles()),
        random(settings.shuffle) {
    for (uint32_t tile = 0; tile < settings.tiles(); ++tile)
      routers.emplace_back(settings, tile);
    for (uint32_t node = 0; node < settings.nodes(); ++node) {
      const uint32_t tile = settings.tileOf(node);
      packed.push_back(packDestination(tile % settings.width,
                                       tile / settings.width,
                                       node % settings.coresPerTile));
    }
  }

  const MeshConfig &config() const override { return settings; }
  Error run(const MeshWork &work, MeshResult &result,
            std::span<Delivery> deliveries) override;

private:
  Error check(const MeshWork &work, std::span<Delivery> deliveries) const;
  void start(const MeshWork &given, MeshResult &to, std::span<Delivery> each);
  void startNext(uint32_t node, uint64_t from);
  void read(const Event &event);
  void offer(uint32_t node);
  void finish(uint32_t node, Flit flit);
  void activate(uint32_t tile);
  Error deadlock() const;
  template <typename T> void mix(std::vector<T> &items);

  MeshConfig settings;
  EventWheel wheel;
  std::vector<Router> routers;
  std::vector<Source> sources;
  std::vector<uint32_t> packed; ///< destination by node
  std::vector<uint64_t> seenAt; ///< by router: cycle + 1 of its last activation
  std::vector<uint32_t> activeRouters, activeSources;
  CounterRandom random;

  // Of the run under way.
  MeshWork work;
  MeshResult *result = nullptr;
  std::span<Delivery> deliveries;
};

Error FlitMesh::check(const MeshWork &given, std::span<Delivery> each) const {
  const size_t nodes = settings.nodes();
  auto wrong = [](const std::string &what) {
    return makeError(ErrorKind::Internal, what, "mesh");
  };
  if (given.first.size() != nodes + 1 ||
      given.first.back() != given.packets.size() || given.first.front() != 0 ||
      !std::is_sorted(given.first.begin(), given.first.end()))
    return wrong("the packets are not dealt to the nodes");
  if ((!given.tail.empty() && given.tail.size() != nodes) ||
      (!given.busy.empty() && given.busy.size() != nodes) ||
      (!each.empty() && each.size() != given.packets.size()))
    return wrong("a list has not one entry for each node or packet");
  for (const Packet &packet : given.packets)
    if (packet.destination >= nodes)
      return wrong("a packet for node " + std::to_string(packet.destination) +
                   " of " + std::to_string(nodes));
  return Error::success();
}

template <typename T> void FlitMesh::mix(std::vector<T> &items) {
  if (settings.shuffle == 0)
    return;
  for (size_t left = items.size(); left > 1; --left)
    std::swap(items[left - 1], items[random.below(left)]);
}

/// The source begins to work on its next packet in cycle \p from.
void FlitMesh::startNext(uint32_t node, uint64_t from) {
  Source &source = sources[node];
  if (source.next == source.end) {
    result->sourceDone[node] = from + (work.tail.empty() ? 0 : work.tail[node]);
    return;
  }
  // A packet that takes no work still takes its turn on the channel.
  const bool begins = source.next == work.first[node];
  const uint64_t least = begins ? 0 : settings.inject.interval;
  const uint64_t at =
      from + std::max<uint64_t>(work.packets[source.next].gap, least);
  // Cycle 0 is over when the wheel starts; nothing is read before cycle 1.
  if (at == 0)
    read({node, 0, EventKind::WakeSource, {}});
  else
    wheel.push(at, {node, 0, EventKind::WakeSource, {}});
}

void FlitMesh::start(const MeshWork &given, MeshResult &to,
                     std::span<Delivery> each) {
  work = given;
  result = &to;
  deliveries = each;
  wheel.reset();
  activeSources.clear();
  activeRouters.clear();
  std::fill(seenAt.begin(), seenAt.end(), 0);
  for (Router &router : routers)
    router.reset();
  const uint32_t nodes = settings.nodes();
  to.delivered = 0;
  to.sourceDone.assign(nodes, 0);
  to.sinkDone.assign(nodes, 0);
  if (!work.busy.empty())
    std::copy(work.busy.begin(), work.busy.end(), to.sinkDone.begin());
  for (uint32_t node = 0; node < nodes; ++node) {
    sources[node] = {work.first[node], work.first[node + 1],
                     settings.bufferOf(settings.inject), false};
    startNext(node, 0);
  }
}

void FlitMesh::offer(uint32_t node) {
  Source &source = sources[node];
  if (!source.ready || source.credits == 0)
    return;
  const uint64_t now = wheel.now();
  const uint32_t packet = source.next++;
  --source.credits;
  source.ready = false;
  if (!deliveries.empty())
    deliveries[packet].accepted = now;
  const auto port = static_cast<uint16_t>(static_cast<uint32_t>(Port::Core) +
                                          node % settings.coresPerTile);
  wheel.push(now + settings.inject.latency,
             {settings.tileOf(node),
              port,
              EventKind::FlitToRouter,
              {packet, packed[work.packets[packet].destination]}});
  startNext(node, now);
}

/// The sink takes packets in the order of their arrival, so when it will begin
/// with this one is known now.
void FlitMesh::finish(uint32_t node, Flit flit) {
  uint64_t &busyUntil = result->sinkDone[node];
  const uint64_t begin = std::max(wheel.now(), busyUntil);
  busyUntil = begin + work.packets[flit.packet].service;
  ++result->delivered;
  if (!deliveries.empty()) {
    deliveries[flit.packet].arrived = wheel.now();
    deliveries[flit.packet].done = busyUntil;
  }
  const auto port = static_cast<uint16_t>(static_cast<uint32_t>(Port::Core) +
                                          node % settings.coresPerTile);
  wheel.push(begin + settings.creditLatency,
             {settings.tileOf(node), port, EventKind::CreditToRouter, {}});
}

void FlitMesh::activate(uint32_t tile) {
  if (seenAt[tile] == wheel.now() + 1)
    return;
  seenAt[tile] = wheel.now() + 1;
  activeRouters.push_back(tile);
}

void FlitMesh::read(const Event &event) {
  switch (event.kind) {
  case EventKind::FlitToRouter:
    if (routers[event.module].accept(event.port, event.flit))
      activate(event.module);
    break;
  case EventKind::FlitToSink:
    finish(event.module, event.flit);
    break;
  case EventKind::CreditToRouter:
    if (routers[event.module].credit(event.port))
      activate(event.module);
    break;
  case EventKind::CreditToSource:
    ++sources[event.module].credits;
    if (sources[event.module].ready)
      activeSources.push_back(event.module);
    break;
  case EventKind::WakeRouter:
    activate(event.module);
    break;
  case EventKind::WakeSource:
    sources[event.module].ready = true;
    activeSources.push_back(event.module);
    break;
  }
}

Error FlitMesh::deadlock() const {
  std::string chain = describeDeadlock(settings, routers);
  const size_t left = work.packets.size() - result->delivered;
  return makeError(ErrorKind::Internal,
                   "deadlock at cycle " + std::to_string(wheel.now()) + ": " +
                       std::to_string(left) + " packets wait for ever; " +
                       (chain.empty() ? "no closed chain was found" : chain),
                   "mesh", "route without cyclic dependencies (X before Y)");
}

Error FlitMesh::run(const MeshWork &given, MeshResult &to,
                    std::span<Delivery> each) {
  if (Error error = check(given, each))
    return error;
  start(given, to, each);
  for (;;) {
    mix(activeRouters);
    for (uint32_t tile : activeRouters)
      routers[tile].evaluate(wheel);
    activeRouters.clear();
    // offer() of one source does not add another.
    mix(activeSources);
    for (uint32_t node : activeSources)
      offer(node);
    activeSources.clear();
    if (wheel.empty())
      break;
    std::vector<Event> &due = wheel.advance();
    mix(due);
    for (const Event &event : due)
      read(event);
  }
  if (to.delivered != given.packets.size())
    return deadlock();
  to.cycles = 0;
  for (const auto &list : {&to.sourceDone, &to.sinkDone})
    to.cycles =
        std::max(to.cycles, *std::max_element(list->begin(), list->end()));
  to.linkFlits.resize(size_t(settings.tiles()) * meshDirections);
  for (uint32_t tile = 0; tile < settings.tiles(); ++tile)
    for (uint32_t d = 0; d < meshDirections; ++d)
      to.linkFlits[tile * meshDirections + d] = routers[tile].sent(d);
  return Error::success();
}

} // namespace

Expected<std::unique_ptr<Mesh>> Mesh::create(MeshConfig config) {
  if (Error error = config.check())
    return std::move(error);
  return std::make_unique<FlitMesh>(std::move(config));
}

} // namespace hillock::emu
