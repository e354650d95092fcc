//===- emulator/stream/StreamLoader.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two passes over the file, core by core: the first keeps the rows of all cores
// in few bytes, the second reads the output slots again, which would take more
// memory than the rows, and makes the fan-outs.
//
//===----------------------------------------------------------------------===//
#include "emulator/stream/StreamLoader.h"
#include "base/InOrder.h"
#include <algorithm>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace hillock::emu {

namespace {

/// Empties \p list and gives its memory back.
template <typename T> void release(std::vector<T> &list) {
  std::vector<T>().swap(list);
}

class Loader {
public:
  Loader(image::ImageReader &reader, const Kernels &kernels,
         StreamTables &tables)
      : reader(reader), frame(reader.frame()), kernels(kernels), t(tables) {}

  Error run(unsigned workers);

private:
  Error addCore(uint32_t index, image::CoreTables tables);
  /// True when they are plain.
  bool shortenAxons(image::CoreTables &tables);
  Error checkSums(const image::CoreTables &tables, const std::string &where);
  void deal(unsigned workers);
  Error findHostAxons();
  Error addSenders(uint32_t index, const image::CoreTables &outputs);
  Error addSender(std::span<const image::AxonOut> slots,
                  const std::string &where);
  Error take(const image::AxonOut &slot, const std::string &where);
  /// Where a slot leads: a row of a core, and the lane of its target 0.
  struct Goal {
    uint32_t core = 0, row = 0, base = 0;
  };
  /// False when there is no such core or axon.
  bool find(const image::AxonOut &slot, Goal &goal) const;
  void prefetch(std::span<const image::AxonOut> slots) const;
  std::string nameOf(uint32_t index) const {
    const proto::Core &core = frame.proto.core(static_cast<int>(index));
    return "chip " + std::to_string(core.chip()) + " core " +
           std::to_string(core.core());
  }

  image::ImageReader &reader;
  image::LoadedImage &frame;
  const Kernels &kernels;
  StreamTables &t;
  std::vector<uint32_t> coreAt; ///< by place: index + 1
  std::vector<StoredRows> rows; ///< by core
  std::vector<uint32_t> workerOf;
  /// By core: axon a is discrete, names row a, and counts from compartment 0.
  /// Of such axons only the number is kept.
  std::vector<bool> isPlain;
  std::vector<uint32_t> axonCount;
  // Of the sender at hand, by worker.
  std::vector<std::vector<uint16_t>> words;
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> singles;
};

Error Loader::run(unsigned workers) {
  const auto count = static_cast<uint32_t>(frame.proto.core_size());
  coreAt.assign(size_t{frame.target.maxChips()} * frame.target.coresPerChip(),
                0);
  for (uint32_t c = 0; c < count; ++c) {
    const proto::Core &core = frame.proto.core(static_cast<int>(c));
    coreAt[size_t{core.chip()} * frame.target.coresPerChip() + core.core()] =
        c + 1;
  }
  frame.cores.resize(count);
  t.cores.resize(count);
  rows.resize(count);
  if (Error error = InOrder<image::CoreTables>::run(
          count, 0, [&](size_t c) { return reader.inputs(c); },
          [&](size_t c, image::CoreTables tables) {
            return addCore(static_cast<uint32_t>(c), std::move(tables));
          }))
    return error;
  if (Error error = image::checkTogether(frame, reader.name()))
    return error;
  deal(workers);
  if (Error error = findHostAxons())
    return error;
  // Clearing would keep their memory.
  delete frame.proto.release_debug();
  delete frame.proto.release_io();
  for (uint32_t c = 0; c < count; ++c)
    isPlain.push_back(shortenAxons(frame.cores[c]));
#if defined(__GLIBC__)
  malloc_trim(0); // what the first pass needed lies between what is kept
#endif
  words.resize(t.workers.size());
  singles.resize(t.workers.size());
  for (StreamTables::Worker &worker : t.workers)
    worker.fanOut.begin(t.senders);
  if (Error error = InOrder<image::CoreTables>::run(
          count, 0, [&](size_t c) { return reader.outputs(c); },
          [&](size_t c, image::CoreTables outputs) {
            return addSenders(static_cast<uint32_t>(c), outputs);
          }))
    return error;
  for (const auto &[axon, sender] : t.hostAxons) {
    const image::CoreTables &to = frame.cores[axon[0]];
    const auto type =
        isPlain[axon[0]] ? image::AxonType::Discrete : to.axonsIn[axon[1]].type;
    const image::AxonOut slot{type, to.chip, to.core,
                              static_cast<uint16_t>(axon[1]),
                              static_cast<uint16_t>(axon[2])};
    if (Error error = addSender({&slot, 1}, "an input"))
      return error;
  }
  for (image::CoreTables &tables : frame.cores)
    release(tables.axonsIn);
  return Error::success();
}

/// Sums of a core are shifted or not, whichever row they come from.
Error Loader::checkSums(const image::CoreTables &tables,
                        const std::string &where) {
  const auto onSum = [&](size_t row) {
    return tables.formats[tables.rows.format[row]].exponentOnSum;
  };
  for (size_t r = 1; r < tables.rows.rows(); ++r)
    if (onSum(r) != onSum(0))
      return inputError("synapse formats with the exponent on each weight and "
                        "on the sum are mixed",
                        where, "use one kind of format on a core");
  return Error::success();
}

Error Loader::addCore(uint32_t index, image::CoreTables read) {
  const std::string where = nameOf(index);
  if (Error error = checkSums(read, where))
    return error;
  if (Error error = rows[index].load(read, t.kinds, where))
    return error;
  image::CoreTables &tables = frame.cores[index] = std::move(read);
  // The state of the core sees one row, which tells how its sums are shifted.
  image::SynapseRows first;
  if (tables.rows.rows() > 0) {
    first.first.push_back(1);
    first.format.push_back(tables.rows.format[0]);
    first.target.push_back(tables.rows.target[0]);
    first.mantissa.push_back(tables.rows.mantissa[0]);
  }
  tables.rows = std::move(first);
  release(tables.axonsOut);
  std::fill(tables.outFirst.begin(), tables.outFirst.end(), 0);
  if (Error error = t.cores[index].load(frame, index, kernels))
    return error;
  tables.rows = image::SynapseRows();
  tables.initialState.clear();
  tables.compartmentFields.clear();
  release(tables.outFirst);
  release(tables.profileOf);
  release(tables.thresholdOf);
  return Error::success();
}

void Loader::deal(unsigned workers) {
  uint64_t all = 0, before = 0;
  for (const CoreState &core : t.cores) {
    t.firstSender.push_back(static_cast<uint32_t>(all));
    all += core.compartments();
  }
  t.firstSender.push_back(static_cast<uint32_t>(all));
  t.senders = static_cast<uint32_t>(all);
  t.workers.resize(workers);
  for (uint32_t c = 0; c < t.cores.size(); ++c) {
    const auto worker = static_cast<uint32_t>(before * workers / (all + 1));
    StreamTables::Worker &to = t.workers[worker];
    if (to.endCore == 0)
      to.firstCore = c;
    to.endCore = c + 1;
    workerOf.push_back(worker);
    t.firstLane.push_back(static_cast<uint32_t>(to.lanes));
    to.lanes += paddedLanes(t.cores[c].compartments());
    before += t.cores[c].compartments();
  }
}

Error Loader::findHostAxons() {
  for (const proto::Port &port : frame.proto.io().input())
    for (int i = 0; !port.direct() && i < port.core_size(); ++i)
      t.hostAxons.try_emplace(
          {port.core(i), port.index(i), port.atom_size() ? port.atom(i) : 0},
          0);
  if (uint64_t{t.senders} + t.hostAxons.size() > UINT32_MAX)
    return inputError("too many neurons and inputs", reader.name());
  for (auto &[axon, sender] : t.hostAxons)
    sender = t.senders++;
  return Error::success();
}

bool Loader::shortenAxons(image::CoreTables &tables) {
  std::vector<image::AxonIn> &axons = tables.axonsIn;
  axonCount.push_back(static_cast<uint32_t>(axons.size()));
  for (size_t a = 0; a < axons.size(); ++a)
    if (axons[a] != image::AxonIn{image::AxonType::Discrete,
                                  static_cast<uint32_t>(a), 1, 0})
      return false;
  release(axons);
  return true;
}

bool Loader::find(const image::AxonOut &slot, Goal &goal) const {
  if (slot.chip >= frame.target.maxChips() ||
      slot.core >= frame.target.coresPerChip())
    return false;
  const uint32_t to =
      coreAt[size_t{slot.chip} * frame.target.coresPerChip() + slot.core];
  if (to == 0 || slot.axon >= axonCount[to - 1])
    return false;
  image::AxonIn axon{image::AxonType::Discrete, slot.axon, 1, 0};
  if (!isPlain[to - 1])
    axon = frame.cores[to - 1].axonsIn[slot.axon];
  goal = {to - 1, axon.firstRow + slot.atom, t.firstLane[to - 1] + axon.cxBase};
  return axon.type == slot.type && slot.atom < axon.popRows;
}

void Loader::prefetch(std::span<const image::AxonOut> slots) const {
  Goal goal;
  for (const image::AxonOut &slot : slots)
    if (find(slot, goal))
      rows[goal.core].prefetch(goal.row);
}

Error Loader::take(const image::AxonOut &slot, const std::string &where) {
  Goal goal;
  if (!find(slot, goal))
    return inputError("leads to axon " + std::to_string(slot.axon) + ", atom " +
                          std::to_string(slot.atom) + " of chip " +
                          std::to_string(slot.chip) + " core " +
                          std::to_string(slot.core) +
                          ", which does not exist or is of another type",
                      where, "the image is damaged: recompile the model");
  const uint32_t worker = workerOf[goal.core];
  const StoredRows &from = rows[goal.core];
  if (!from.append(goal.row, goal.base, words[worker])) {
    const auto [kind, target] = from.single(goal.row);
    singles[worker].emplace_back(kind, goal.base + target);
  }
  return Error::success();
}

Error Loader::addSenders(uint32_t index, const image::CoreTables &outputs) {
  const std::string where = "an output slot of " + nameOf(index);
  const std::span<const image::AxonOut> slots = outputs.axonsOut;
  const auto slotsOf = [&](uint32_t k) {
    return slots.subspan(outputs.outFirst[k],
                         outputs.outFirst[k + 1] - outputs.outFirst[k]);
  };
  const uint32_t count = t.cores[index].compartments();
  for (uint32_t k = 0; k < count; ++k) {
    constexpr uint32_t ahead = 2;
    if (k + ahead < count)
      prefetch(slotsOf(k + ahead));
    if (Error error = addSender(slotsOf(k), where))
      return error;
  }
  return Error::success();
}

Error Loader::addSender(std::span<const image::AxonOut> of,
                        const std::string &where) {
  for (const image::AxonOut &slot : of)
    if (Error error = take(slot, where))
      return error;
  for (size_t w = 0; w < words.size(); ++w) {
    appendFar(singles[w], words[w],
              StrewnItem::fits(t.workers[w].lanes, t.kinds.size()));
    if (!t.workers[w].fanOut.add(words[w]))
      return inputError("its synapses take " + std::to_string(words[w].size()) +
                            " words of 16 bits: a sender may have " +
                            std::to_string(FanOut::mostWords) +
                            ", and all together 2^32",
                        where,
                        "load the image as a whole (hillock run --stream "
                        "never) or use more threads, which share them");
    words[w].clear();
    singles[w].clear();
  }
  return Error::success();
}

} // namespace

Error loadStream(image::ImageReader &reader, const Kernels &kernels,
                 unsigned workers, StreamTables &tables) {
  return Loader(reader, kernels, tables).run(workers);
}

} // namespace hillock::emu
