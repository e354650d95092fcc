//===- emulator/timing/ChipClock.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/timing/ChipClock.h"
#include "emulator/noc/Barrier.h"
#include <limits>
#include <numeric>

namespace hillock::emu {

namespace {

constexpr uint32_t none = UINT32_MAX;

Error tooLong(const char *what, uint64_t cycles) {
  return makeError(ErrorKind::Usage,
                   std::string(what) + " of " + std::to_string(cycles) +
                       " cycles in a step",
                   "cycle mode", "use a longer cycle");
}

std::string picoseconds(uint64_t ps) { return std::to_string(ps) + " ps"; }

/// A message holds a place from when it is sent until it has left and the
/// place is known to be free: so many are under way at the full rate.
uint32_t underWay(const Channel &channel, uint32_t creditLatency) {
  const uint32_t round = channel.latency + creditLatency;
  return (round + channel.interval - 1) / channel.interval;
}

} // namespace

CoreWork &CoreWork::operator+=(const CoreWork &other) {
  axonIn += other.axonIn;
  synapses += other.synapses;
  updates += other.updates;
  axonOut += other.axonOut;
  messagesOut += other.messagesOut;
  messagesIn += other.messagesIn;
  blocked += other.blocked;
  return *this;
}

CoreHeat &CoreHeat::operator+=(const CoreHeat &other) {
  busiestSteps += other.busiestSteps;
  busiestPs += other.busiestPs;
  splitSavesPs += other.splitSavesPs;
  return *this;
}

ClockTotals &ClockTotals::operator+=(const ClockTotals &other) {
  auto add = [](auto &sums, const auto &more) {
    if (sums.size() < more.size())
      sums.resize(more.size());
    for (size_t k = 0; k < more.size(); ++k)
      sums[k] += more[k];
  };
  add(cores, other.cores);
  add(heat, other.heat);
  add(linkMessages, other.linkMessages);
  barrierHopsX += other.barrierHopsX;
  barrierHopsY += other.barrierHopsY;
  return *this;
}

uint64_t ChipClock::cycles(uint64_t ps, const char *what) {
  const uint64_t count = (ps + options.cyclePs / 2) / options.cyclePs;
  if (count * options.cyclePs != ps)
    remarks.push_back(std::string(what) + ": " + picoseconds(ps) +
                      " count as " + picoseconds(count * options.cyclePs));
  return count;
}

uint32_t ChipClock::channelCycles(uint64_t ps, const char *what) {
  return static_cast<uint32_t>(std::max<uint64_t>(cycles(ps, what), 1));
}

void ChipClock::setCycles() {
  each.updateInactive = cycles(costs.updateInactive.ps, "inactive compartment");
  each.updateActive = cycles(costs.updateActive.ps, "active compartment");
  each.spike = cycles(costs.spike.ps, "neuron_spike");
  each.axonIn = cycles(costs.axonIn.ps, "axon_in");
  each.axonOut = cycles(costs.axonOut.ps, "axon_out");
  static constexpr std::array<const char *, synapseKinds> names = {
      "dense synapse", "sparse synapse", "shared synapse"};
  for (size_t kind = 0; kind < synapseKinds; ++kind)
    each.synapse[kind] = cycles(costs.synapse[kind].ps, names[kind]);
}

MeshConfig ChipClock::meshConfig() {
  MeshConfig config;
  config.width = shape.width;
  config.height = shape.height;
  config.coresPerTile = shape.coresPerTile;
  config.chipWidth = shape.chipWidth;
  config.chipHeight = shape.chipHeight;
  config.shuffle = options.shuffle;
  const uint32_t interval = channelCycles(costs.linkSpike.ps, "link_spike");
  if (!costs.hasLinkSpike)
    remarks.push_back("link_spike: not in the set; a channel takes a message "
                      "every " +
                      picoseconds(options.cyclePs));
  config.x = {channelCycles(costs.hopX.ps, "hop_x"), interval};
  config.y = {channelCycles(costs.hopY.ps, "hop_y"), interval};
  config.chipX = config.x;
  config.chipY = config.y;
  if (costs.hasHopChip)
    config.chipX.latency = config.chipY.latency =
        channelCycles(costs.hopChip.ps, "hop_chip");
  if (costs.hasLinkChipSpike)
    config.chipX.interval = config.chipY.interval =
        channelCycles(costs.linkChipSpike.ps, "link_chip_spike");
  const bool chips =
      shape.width > shape.chipWidth || shape.height > shape.chipHeight;
  if (chips && !(costs.hasHopChip && costs.hasLinkChipSpike))
    remarks.push_back("hop_chip, link_chip_spike: not both in the set; a hop "
                      "between chips counts as one within a chip");
  // In at the router takes a cycle, the rest is on the way out of it.
  const uint32_t local = channelCycles(costs.hopLocal.ps, "hop_local");
  config.inject = {1, interval};
  config.eject = {std::max(local, 2u) - 1, interval};
  for (Channel *channel : {&config.x, &config.y, &config.chipX, &config.chipY,
                           &config.inject, &config.eject})
    channel->buffer =
        options.bufferMessages + underWay(*channel, config.creditLatency);
  return config;
}

Expected<std::unique_ptr<ChipClock>>
ChipClock::create(const CostTable &costs, const ChipShape &shape,
                  const ClockOptions &options) {
  if (options.cyclePs == 0)
    return makeError(ErrorKind::Usage, "a cycle of 0 ps", "cycle mode",
                     "give 1 or more");
  std::unique_ptr<ChipClock> clock(new ChipClock);
  clock->costs = costs;
  clock->shape = shape;
  clock->options = options;
  clock->random = CounterRandom(options.shuffle);
  clock->setCycles();
  Expected<std::unique_ptr<Mesh>> mesh = Mesh::create(clock->meshConfig());
  if (!mesh)
    return mesh.takeError();
  clock->mesh = std::move(*mesh);
  if (clock->usesBarrierMessages())
    clock->remarks.push_back("barrier: not in the set; the step ends by "
                             "messages from tile to tile and back");
  const uint32_t nodes = clock->config().nodes();
  clock->coreAt.assign(nodes, none);
  for (uint32_t core = 0; core < shape.nodeOf.size(); ++core) {
    if (shape.nodeOf[core] >= nodes)
      return makeError(ErrorKind::Internal, "a core outside the mesh",
                       "cycle mode");
    clock->coreAt[shape.nodeOf[core]] = core;
  }
  return std::move(clock);
}

/// What the units are busy with, and what all messages cost when nothing
/// happens at the same time.
void ChipClock::addUp(const StepSums &sums) {
  work.assign(sums.cores.size(), {});
  for (size_t core = 0; core < work.size(); ++core) {
    const CoreSums &its = sums.cores[core];
    CoreWork &mine = work[core];
    mine.updates = its.active * each.updateActive +
                   its.inactive * each.updateInactive +
                   its.firings * each.spike;
    mine.axonOut = its.messagesOut * each.axonOut;
    mine.axonIn = its.messagesIn * each.axonIn;
    for (size_t kind = 0; kind < synapseKinds; ++kind)
      mine.synapses += its.synapses[kind] * each.synapse[kind];
    mine.messagesOut = its.messagesOut;
    mine.messagesIn = its.messagesIn;
  }
  auto one = [&](const Channel &channel) {
    return uint64_t(channel.latency) + channel.interval +
           config().creditLatency;
  };
  messages = sums.messages;
  serialHops = messages * (one(config().inject) + one(config().eject)) +
               sums.hopsX * one(config().x) + sums.hopsY * one(config().y) +
               sums.hopsChipX * one(config().chipX) +
               sums.hopsChipY * one(config().chipY);
}

Error ChipClock::scheduleCore(const StepOrder &order, uint32_t core) {
  const uint32_t node = shape.nodeOf[core];
  const CoreRest &rest = order.rest[core];
  auto advance = [&](uint64_t active, uint64_t inactive) {
    return active * each.updateActive + inactive * each.updateInactive;
  };
  uint64_t pending = 0; // work since the last message
  uint32_t message = order.firstMessage[core];
  Packet *packet = packets.data() + first[node];
  for (uint32_t f = order.firstFiring[core]; f < order.firstFiring[core + 1];
       ++f) {
    const Firing &firing = order.firings[f];
    pending += advance(firing.active, firing.inactive) + each.spike;
    for (uint32_t k = 0; k < firing.messages; ++k, ++message) {
      const StepMessage &out = order.messages[message];
      pending += each.axonOut;
      const uint64_t service =
          each.axonIn +
          out.synapses * each.synapse[static_cast<size_t>(out.kind)];
      if (std::max(pending, service) > std::numeric_limits<uint32_t>::max())
        return tooLong("work", std::max(pending, service));
      *packet++ = {out.node, static_cast<uint32_t>(pending),
                   static_cast<uint32_t>(service)};
      pending = 0;
    }
  }
  tail[node] = pending + advance(rest.active, rest.inactive);
  busy[node] = rest.hostMessages * each.axonIn;
  for (size_t kind = 0; kind < synapseKinds; ++kind)
    busy[node] += rest.hostSynapses[kind] * each.synapse[kind];
  return Error::success();
}

std::vector<uint32_t> ChipClock::visitOrder() {
  std::vector<uint32_t> order(shape.nodeOf.size());
  std::iota(order.begin(), order.end(), 0u);
  for (size_t left = order.size(); options.shuffle != 0 && left > 1; --left)
    std::swap(order[left - 1], order[random.below(left)]);
  return order;
}

Error ChipClock::schedule(const StepOrder &order) {
  const uint32_t nodes = config().nodes();
  first.assign(1, 0);
  tail.assign(nodes, 0);
  busy.assign(nodes, 0);
  for (uint32_t node = 0; node < nodes; ++node) {
    const uint32_t core = coreAt[node];
    first.push_back(first.back() + (core == none
                                        ? 0
                                        : order.firstMessage[core + 1] -
                                              order.firstMessage[core]));
  }
  packets.resize(first.back());
  // Each core has its own places.
  for (const uint32_t core : visitOrder())
    if (Error error = scheduleCore(order, core))
      return error;
  return Error::success();
}

void ChipClock::boundOnly(const StepSums &sums) {
  const MeshConfig &tiles = config();
  result.linkFlits = sums.linkMessages;
  result.cycles = 0;
  for (const CoreWork &core : work)
    result.cycles = std::max(result.cycles, core.longest());
  for (uint32_t tile = 0; tile < tiles.tiles(); ++tile)
    for (uint32_t d = 0; d < meshDirections; ++d)
      if (const uint64_t flits = result.linkFlits[tile * meshDirections + d])
        result.cycles = std::max(
            result.cycles,
            flits * tiles.channel(tile, static_cast<Port>(d)).interval);
  result.sourceDone.assign(tiles.nodes(), result.cycles);
  result.sinkDone.assign(tiles.nodes(), result.cycles);
}

void ChipClock::describe(StepTime &time, ClockTotals &totals) const {
  const uint64_t ps = options.cyclePs;
  totals.cores.resize(work.size());
  totals.heat.resize(work.size());
  totals.linkMessages.resize(result.linkFlits.size());
  uint64_t serial = serialHops, longest = 0, second = 0;
  for (uint32_t core = 0; core < work.size(); ++core) {
    serial += work[core].sender() + work[core].receiver();
    const uint64_t mine = work[core].longest();
    second = std::max(second, std::min(mine, longest));
    if (mine > longest) {
      longest = mine;
      time.busiestCore = core;
    }
    totals.cores[core] += work[core];
  }
  for (uint32_t link = 0; link < result.linkFlits.size(); ++link) {
    const uint64_t flits = result.linkFlits[link];
    totals.linkMessages[link] += flits;
    if (flits > time.busiestLinkMessages) {
      time.busiestLinkMessages = flits;
      time.busiestLink = link;
    }
  }
  time.workPs = result.cycles * ps;
  time.busiestCorePs = time.lowerPs = longest * ps;
  if (longest != 0) {
    const CoreWork &most = work[time.busiestCore];
    time.splitPs = std::max(second, most.splitLongest()) * ps;
    totals.heat[time.busiestCore] +=
        {1, time.busiestCorePs, time.busiestCorePs - time.splitPs};
  }
  time.upperPs = serial * ps;
  time.messages = messages;
}

void ChipClock::barrier(StepTime &time, ClockTotals &totals) const {
  if (!usesBarrierMessages()) {
    time.barrierPs = costs.barrierBelow(shape.tilesInUse).ps;
    time.barrierHighPs = costs.barrierAbove(shape.tilesInUse).ps;
    return;
  }
  std::vector<uint64_t> ready(config().tiles(), 0);
  for (uint32_t node = 0; node < config().nodes(); ++node) {
    uint64_t &tile = ready[config().tileOf(node)];
    tile = std::max({tile, result.sourceDone[node], result.sinkDone[node]});
  }
  const BarrierResult end = meshBarrier(config(), ready);
  time.barrierPs = (end.released - result.cycles) * options.cyclePs;
  time.barrierHighPs = time.barrierPs;
  totals.barrierHopsX += end.hopsX;
  totals.barrierHopsY += end.hopsY;
}

Expected<StepTime> ChipClock::run(const StepEvents &events,
                                  ClockTotals &totals) {
  const StepSums &sums = events.sums;
  const size_t cores = shape.nodeOf.size();
  const bool flits = options.network == NetworkModel::Flit;
  if (sums.cores.size() != cores ||
      sums.linkMessages.size() != size_t(config().tiles()) * meshDirections ||
      (flits && events.order.rest.size() != cores))
    return makeError(ErrorKind::Internal, "a step of another chip",
                     "cycle mode");
  addUp(sums);
  if (flits) {
    if (Error error = schedule(events.order))
      return std::move(error);
    if (Error error = mesh->run({packets, first, tail, busy}, result))
      return std::move(error);
    for (uint32_t core = 0; core < work.size(); ++core)
      work[core].blocked =
          result.sourceDone[shape.nodeOf[core]] - work[core].sender();
  } else {
    boundOnly(sums);
  }
  StepTime time;
  describe(time, totals);
  barrier(time, totals);
  return time;
}

} // namespace hillock::emu
