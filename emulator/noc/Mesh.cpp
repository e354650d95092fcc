//===- emulator/noc/Mesh.cpp ----------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cycle: everything that is due is read; then the routers that it concerns
// are evaluated and write. Whoever got nothing sleeps. Sources and sinks need
// no events of their own: a source knows when its next packet is accepted as
// soon as there is a credit for it, a sink when it is done with a packet as
// soon as the router has sent it.
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
  bool waits = false;         ///< the next packet is ready but for a credit
  uint64_t readyAt = 0;       ///< then: since when
  uint64_t accepted = 0;      ///< when the last packet was
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
        sources(settings.nodes()),
        credits(settings.nodes(), Credits(settings.bufferOf(settings.inject))),
        seenAt(settings.tiles()), random(settings.shuffle) {
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
  void startNext(uint32_t node);
  void inject(uint32_t node, uint64_t now);
  void finish(uint32_t node, uint32_t packet, uint64_t arrived);
  void read(const Event &event);
  void evaluate(uint32_t tile);
  void giveBack(const Peer &sender, uint64_t from);
  void wake(uint32_t tile, uint64_t cycle);
  void activate(uint32_t tile);
  Error deadlock() const;
  template <typename T> void mix(std::vector<T> &items);

  MeshConfig settings;
  EventWheel wheel;
  std::vector<Router> routers;
  std::vector<Source> sources;
  std::vector<Credits> credits; ///< of the sources
  std::vector<uint32_t> packed; ///< destination by node
  std::vector<uint64_t> seenAt; ///< by router: cycle + 1 of its last activation
  std::vector<uint32_t> active; ///< routers
  std::vector<Grant> grants;
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

/// The source begins to work on its next packet, right after the last.
void FlitMesh::startNext(uint32_t node) {
  Source &source = sources[node];
  if (source.next == source.end) {
    result->sourceDone[node] =
        source.accepted + (work.tail.empty() ? 0 : work.tail[node]);
    return;
  }
  // A packet that takes no work still takes its turn on the channel.
  const bool begins = source.next == work.first[node];
  const uint64_t least = begins ? 0 : settings.inject.interval;
  source.readyAt = source.accepted +
                   std::max<uint64_t>(work.packets[source.next].gap, least);
  const uint64_t from = credits[node].freeFrom();
  source.waits = from == Credits::never;
  if (!source.waits)
    inject(node, std::max(source.readyAt, from));
}

/// The channel accepts the source's next packet in cycle \p at.
void FlitMesh::inject(uint32_t node, uint64_t at) {
  Source &source = sources[node];
  const uint32_t packet = source.next++;
  credits[node].take();
  source.accepted = at;
  if (!deliveries.empty())
    deliveries[packet].accepted = at;
  const uint32_t port =
      static_cast<uint32_t>(Port::Core) + node % settings.coresPerTile;
  wheel.push(at + settings.inject.latency,
             {settings.tileOf(node),
              port,
              {packet, packed[work.packets[packet].destination]}});
}

void FlitMesh::start(const MeshWork &given, MeshResult &to,
                     std::span<Delivery> each) {
  work = given;
  result = &to;
  deliveries = each;
  wheel.reset();
  active.clear();
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
    sources[node] = {work.first[node], work.first[node + 1]};
    credits[node].reset();
    startNext(node);
  }
}

/// The sink takes packets in the order of their arrival, which is that in which
/// the router sends them, so when it will begin with this one is known now.
void FlitMesh::finish(uint32_t node, uint32_t packet, uint64_t arrived) {
  uint64_t &busyUntil = result->sinkDone[node];
  const uint64_t begin = std::max(arrived, busyUntil);
  busyUntil = begin + work.packets[packet].service;
  ++result->delivered;
  if (!deliveries.empty()) {
    deliveries[packet].arrived = arrived;
    deliveries[packet].done = busyUntil;
  }
  const uint32_t tile = settings.tileOf(node);
  const uint32_t port =
      static_cast<uint32_t>(Port::Core) + node % settings.coresPerTile;
  wake(tile, routers[tile].giveBack(port, begin + settings.creditLatency));
}

/// A place of an input is free again from cycle \p from on.
void FlitMesh::giveBack(const Peer &sender, uint64_t from) {
  if (!sender.core) {
    wake(sender.module, routers[sender.module].giveBack(sender.port, from));
    return;
  }
  Source &source = sources[sender.module];
  credits[sender.module].give(from);
  if (!source.waits)
    return;
  source.waits = false;
  inject(sender.module, std::max(source.readyAt, from));
}

void FlitMesh::wake(uint32_t tile, uint64_t cycle) {
  if (routers[tile].setWake(cycle, wheel.now()))
    wheel.push(cycle, {tile, Event::wake, {}});
}

void FlitMesh::activate(uint32_t tile) {
  if (seenAt[tile] == wheel.now() + 1)
    return;
  seenAt[tile] = wheel.now() + 1;
  active.push_back(tile);
}

void FlitMesh::read(const Event &event) {
  if (event.port == Event::wake) {
    activate(event.tile);
    return;
  }
  Router &router = routers[event.tile];
  if (router.accept(event.port, event.flit))
    activate(event.tile);
  if (const Peer &sender = router.peer(event.port); sender.core)
    startNext(sender.module);
}

void FlitMesh::evaluate(uint32_t tile) {
  const uint64_t now = wheel.now();
  Router &router = routers[tile];
  grants.clear();
  const uint64_t next = router.evaluate(now, grants);
  wake(tile, next);
  for (const Grant &grant : grants) {
    const Peer &receiver = router.peer(grant.output);
    const uint64_t arrives = now + router.latency(grant.output);
    if (receiver.core)
      finish(receiver.module, grant.flit.packet, arrives);
    else
      wheel.push(arrives, {receiver.module, receiver.port, grant.flit});
    giveBack(router.peer(grant.input), now + settings.creditLatency);
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
  while (!wheel.empty()) {
    std::vector<Event> &due = wheel.advance();
    mix(due);
    for (const Event &event : due)
      read(event);
    mix(active);
    for (const uint32_t tile : active)
      evaluate(tile);
    active.clear();
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
