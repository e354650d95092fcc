//===- emulator/ranks/Part.cpp --------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/ranks/Part.h"
#include "base/InOrder.h"
#include "emulator/core/Checkpoint.h"
#include "emulator/ranks/Wire.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace hillock::emu {

namespace {

/// What crosses between ranks for a spike.
struct Letter {
  uint32_t core, compartment;
  int32_t payload;
};

std::string hex(uint64_t value) { return "0x" + llvm::utohexstr(value, true); }

/// Nothing but what keeps the numbers of cores and their random streams.
image::CoreTables emptyCore(const CoreSource::Place &place) {
  image::CoreTables core;
  core.chip = place.chip;
  core.core = place.core;
  core.program = place.program;
  core.compartmentProfiles = {{}};
  core.thresholdProfiles = {{}};
  return core;
}

/// Runs of units, chips or cores, with about equal work.
std::vector<uint32_t> deal(const LeaderImage &image, unsigned ranks, bool whole,
                           size_t units) {
  const std::vector<CoreSource::Place> &places = image.source.places;
  const uint64_t all =
      std::accumulate(image.work.begin(), image.work.end(), uint64_t{0});
  std::vector<uint32_t> rankOf(places.size(), 0);
  uint64_t before = 0;
  size_t unit = 0;
  uint32_t rank = 0;
  for (size_t first = 0; first < places.size();) {
    size_t last = first + 1;
    while (whole && last < places.size() &&
           places[last].chip == places[first].chip)
      ++last;
    uint64_t work = 0;
    for (size_t c = first; c < last; ++c)
      work += image.work[c];
    // By the middle of the unit; and none is left out while units last.
    uint64_t share = (before + work / 2) * ranks / std::max<uint64_t>(all, 1);
    share = std::min<uint64_t>(share, rank + (first > 0 ? 1 : 0));
    if (units - unit <= ranks - 1 - rank && first > 0)
      share = rank + 1;
    rank = static_cast<uint32_t>(
        std::min<uint64_t>(std::max<uint64_t>(share, rank), ranks - 1));
    for (size_t c = first; c < last; ++c)
      rankOf[c] = rank;
    before += work;
    first = last;
    ++unit;
  }
  return rankOf;
}

/// Whether no rank has more than 5/4 of its share: time and memory of the
/// busiest are those of the run.
bool isEven(const std::vector<uint32_t> &rankOf,
            const std::vector<uint64_t> &work, unsigned ranks) {
  std::vector<uint64_t> of(ranks);
  for (size_t c = 0; c < work.size(); ++c)
    of[rankOf[c]] += work[c];
  const uint64_t all = std::accumulate(of.begin(), of.end(), uint64_t{0});
  return *std::max_element(of.begin(), of.end()) <= all / ranks / 4 * 5;
}

} // namespace

std::vector<uint32_t> dealCores(const LeaderImage &image, unsigned ranks) {
  // Cores of an image are sorted by chip, so runs of them keep neighbours
  // together.
  std::set<uint32_t> chips;
  for (const CoreSource::Place &place : image.source.places)
    chips.insert(place.chip);
  if (chips.size() >= ranks) {
    std::vector<uint32_t> rankOf = deal(image, ranks, true, chips.size());
    if (isEven(rankOf, image.work, ranks))
      return rankOf;
  }
  return deal(image, ranks, false, image.source.places.size());
}

/// A core of this rank, with the slots that stay here.
image::CoreTables Part::ownCore(image::CoreTables core,
                                const Places &places) const {
  uint32_t kept = 0, slot = 0;
  for (uint32_t n = 0; n < core.compartments; ++n) {
    for (; slot < core.outFirst[n + 1]; ++slot) {
      const auto at =
          places.find({core.axonsOut[slot].chip, core.axonsOut[slot].core});
      // What leads nowhere is left to be refused.
      if (at == places.end() || owns(at->second))
        core.axonsOut[kept++] = core.axonsOut[slot];
    }
    core.outFirst[n + 1] = kept;
  }
  core.axonsOut.resize(kept);
  core.axonsOut.shrink_to_fit();
  return core;
}

Expected<std::unique_ptr<Part>> Part::create(const CoreSource &source,
                                             Plan plan, const Options &options,
                                             unsigned rank, unsigned ranks) {
  const auto count = static_cast<uint32_t>(source.places.size());
  if (plan.rankOf.size() != count || plan.imageHash != source.hash)
    return inputError(
        "it has " + std::to_string(count) + " cores and the hash " +
            hex(source.hash) + " here, " + std::to_string(plan.rankOf.size()) +
            " cores and the hash " + hex(plan.imageHash) + " on rank 0",
        source.name + " on rank " + std::to_string(rank),
        "give all ranks the same file");
  std::unique_ptr<Part> part(new Part);
  part->rank = rank;
  part->rankOf = std::move(plan.rankOf);
  part->sentAway.assign(count, 0);
  part->hashes.assign(count, 0);
  part->senders.resize(count);
  part->receivers.resize(count);
  // Without the words, which the emulator does not read.
  auto mine = std::make_shared<image::LoadedImage>();
  mine->target = source.target;
  mine->programs = source.programs;
  Places places;
  for (uint32_t c = 0; c < count; ++c) {
    places[{source.places[c].chip, source.places[c].core}] = c;
    mine->cores.push_back(emptyCore(source.places[c]));
  }
  // The own ones first: the slots of the others are held against their axons.
  std::vector<uint32_t> order;
  for (const bool own : {true, false})
    for (uint32_t c = 0; c < count; ++c)
      if (part->owns(c) == own)
        order.push_back(c);
  const auto read = [&](size_t item) -> Expected<image::CoreTables> {
    const uint32_t c = order[item];
    if (!part->owns(c))
      return source.outputs(c);
    Expected<image::CoreTables> tables = source.tables(c);
    // As a whole, before slots are taken out.
    if (tables)
      part->hashes[c] = hashOf(*tables);
    return tables;
  };
  const auto take = [&](size_t item, image::CoreTables tables) -> Error {
    const uint32_t c = order[item];
    if (!part->owns(c))
      return part->noteReceivers(c, tables, places, *mine, source.name);
    part->noteSenders(c, tables, places, ranks);
    mine->cores[c] = part->ownCore(std::move(tables), places);
    return Error::success();
  };
  if (Error error =
          InOrder<image::CoreTables>::run(count, options.threads, read, take))
    return std::move(error);
  if (Error error = image::checkTogether(*mine, source.name))
    return std::move(error);
  Expected<std::unique_ptr<Emulator>> emulator =
      Emulator::create(std::move(mine), options);
  if (!emulator)
    return emulator.takeError();
  part->emulator = std::move(*emulator);
  return part;
}

/// Finds out which ranks the spikes of an own core go to.
void Part::noteSenders(uint32_t c, const image::CoreTables &core,
                       const Places &places, unsigned ranks) {
  std::vector<uint32_t> to(ranks);
  for (uint32_t n = 0; n < core.compartments; ++n) {
    std::fill(to.begin(), to.end(), 0);
    for (uint32_t s = core.outFirst[n]; s < core.outFirst[n + 1]; ++s) {
      const auto at =
          places.find({core.axonsOut[s].chip, core.axonsOut[s].core});
      if (at != places.end())
        ++to[rankOf[at->second]];
    }
    for (uint32_t r = 0; r < ranks; ++r)
      if (r != rank && to[r] > 0)
        senders[c].away.push_back({r, to[r]});
    senders[c].firstAway.push_back(
        static_cast<uint32_t>(senders[c].away.size()));
  }
}

/// Finds out which own axons the spikes of another rank's core reach.
Error Part::noteReceivers(uint32_t c, const image::CoreTables &core,
                          const Places &places, const image::LoadedImage &mine,
                          const std::string &name) {
  Receivers in;
  in.first.push_back(0);
  for (uint32_t n = 0; n < core.compartments; ++n) {
    for (uint32_t s = core.outFirst[n]; s < core.outFirst[n + 1]; ++s) {
      const image::AxonOut &slot = core.axonsOut[s];
      const auto at = places.find({slot.chip, slot.core});
      if (at == places.end() || !owns(at->second))
        continue;
      const std::vector<image::AxonIn> &axons = mine.cores[at->second].axonsIn;
      if (slot.axon >= axons.size() || slot.atom >= axons[slot.axon].popRows ||
          slot.type != axons[slot.axon].type)
        return inputError("it leads to axon " + std::to_string(slot.axon) +
                              ", atom " + std::to_string(slot.atom) +
                              " of core " + std::to_string(slot.core) +
                              " of chip " + std::to_string(slot.chip) +
                              ", which does not exist or is of another type",
                          name + ": core " +
                              std::to_string(mine.cores[c].core) + " of chip " +
                              std::to_string(mine.cores[c].chip) +
                              ", output axon " + std::to_string(s),
                          "the image is damaged: recompile the model");
      in.axons.push_back({at->second, slot.axon, slot.atom, 0});
    }
    in.first.push_back(static_cast<uint32_t>(in.axons.size()));
  }
  if (!in.axons.empty())
    receivers[c] = std::move(in);
  return Error::success();
}

Error Part::expand(const std::string &letter, std::vector<HostSpike> &arrived) {
  wire::Reader reader(letter);
  while (!reader.done()) {
    const auto spike = reader.get<Letter>();
    if (!reader.good() || spike.core >= receivers.size() ||
        spike.compartment + 1 >= receivers[spike.core].first.size())
      return makeError(ErrorKind::Internal, "a spike that nobody here expects",
                       "rank " + std::to_string(rank));
    const Receivers &from = receivers[spike.core];
    for (uint32_t i = from.first[spike.compartment];
         i < from.first[spike.compartment + 1]; ++i) {
      arrived.push_back(from.axons[i]);
      arrived.back().payload = spike.payload;
    }
  }
  return Error::success();
}

Error Part::step(Team &team) {
  std::vector<std::string> out(team.size()), in;
  for (const Spike &spike : emulator->spikes()) {
    const Senders &from = senders[spike.core];
    for (uint32_t i = from.firstAway[spike.compartment];
         i < from.firstAway[spike.compartment + 1]; ++i)
      wire::put(out[from.away[i].rank],
                Letter{spike.core, spike.compartment, spike.payload});
  }
  if (Error error = team.exchange(out, in))
    return error;
  std::vector<HostSpike> arrived;
  for (const std::string &letter : in)
    if (Error error = expand(letter, arrived))
      return error;
  if (Error error = emulator->send(arrived))
    return error;
  emulator->step();
  for (const Spike &spike : emulator->spikes()) {
    const Senders &from = senders[spike.core];
    for (uint32_t i = from.firstAway[spike.compartment];
         i < from.firstAway[spike.compartment + 1]; ++i)
      sentAway[spike.core] += from.away[i].messages;
  }
  return Error::success();
}

CoreCounters Part::counters(uint32_t core) const {
  CoreCounters counters = emulator->counters(core);
  counters.axonsOut += sentAway[core];
  return counters;
}

Error Part::save(proto::Checkpoint &to) const {
  if (Error error = emulator->save(to))
    return error;
  for (uint32_t c = 0; c < rankOf.size(); ++c)
    if (owns(c))
      toProto(counters(c),
              *to.mutable_core(static_cast<int>(c))->mutable_counters());
  return Error::success();
}

Error Part::restore(const proto::Checkpoint &from) {
  // Its own state has the form that its emulator takes, where the cores of
  // others are empty.
  proto::Checkpoint mine;
  if (Error error = emulator->save(mine))
    return error;
  mine.set_step(from.step());
  if (from.core_size() != mine.core_size())
    return inputError("it has " + std::to_string(from.core_size()) +
                          " cores, not " + std::to_string(mine.core_size()),
                      "checkpoint", "resume with the image that was running");
  for (uint32_t c = 0; c < rankOf.size(); ++c)
    if (owns(c))
      *mine.mutable_core(static_cast<int>(c)) = from.core(static_cast<int>(c));
  Expected<std::vector<Spike>> spikes = fromProto(from.spikes(), from.step());
  if (!spikes)
    return spikes.takeError();
  Expected<std::vector<HostSpike>> host = fromProto(from.host());
  if (!host)
    return host.takeError();
  auto foreign = [&](const auto &spike) {
    return spike.core < rankOf.size() && !owns(spike.core);
  };
  std::erase_if(*spikes, foreign);
  std::erase_if(*host, foreign);
  mine.clear_spikes();
  mine.clear_host();
  toProto(*spikes, *mine.mutable_spikes());
  toProto(*host, *mine.mutable_host());
  if (Error error = emulator->restore(mine))
    return error;
  std::fill(sentAway.begin(), sentAway.end(), 0);
  return Error::success();
}

void Part::reset() {
  emulator->reset();
  std::fill(sentAway.begin(), sentAway.end(), 0);
}

} // namespace hillock::emu
