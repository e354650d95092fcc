//===- emulator/ranks/Leader.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/ranks/Leader.h"
#include "emulator/core/Checkpoint.h"

namespace hillock::emu {

Expected<std::vector<std::string>>
Leader::give(Order order, const std::string &words) const {
  std::string bytes;
  wire::put(bytes, order);
  bytes += words;
  if (Error error = team->broadcast(bytes))
    return std::move(error);
  wire::Reader mine(words);
  std::vector<std::string> answers;
  if (Error error =
          team->gather(answerOf(worker.carryOut(order, mine)), answers))
    return std::move(error);
  for (size_t rank = 0; rank < answers.size(); ++rank) {
    wire::Reader reader(answers[rank]);
    if (const auto kind = reader.get<int32_t>())
      return makeError(static_cast<ErrorKind>(kind), reader.getText());
    answers[rank].erase(0, sizeof(int32_t));
  }
  return answers;
}

void Leader::note(Error error) const {
  std::string text = takeText(std::move(error));
  if (failure.empty())
    failure = std::move(text);
}

Error Leader::trouble() const {
  return failure.empty() ? Error::success()
                         : makeError(ErrorKind::Internal, failure, "ranks");
}

void Leader::forget() const {
  states.clear();
  counted.clear();
}

/// A byte a compartment of each core: whether an output of the image shows its
/// spikes.
static std::vector<std::vector<uint8_t>>
outputsOf(const image::LoadedImage &image) {
  std::vector<std::vector<uint8_t>> shown(image.cores.size());
  for (const proto::Port &port : image.proto.io().output())
    for (int n = 0; n < port.core_size() && port.state().empty(); ++n) {
      std::vector<uint8_t> &list = shown[port.core(n)];
      list.resize(image.cores[port.core(n)].compartments);
      list[port.index(n)] = 1;
    }
  return shown;
}

Error Leader::load(const Part::Plan &plan, bool outputsOnly) {
  std::string words;
  wire::put(words, static_cast<uint32_t>(options.threads));
  wire::put(words, options.seed);
  wire::put(words, plan.imageHash);
  wire::putAll(words, plan.rankOf.data(), plan.rankOf.size());
  const auto shown =
      outputsOnly ? outputsOf(*image) : std::vector<std::vector<uint8_t>>();
  wire::put(words, static_cast<uint64_t>(shown.size()));
  for (const std::vector<uint8_t> &list : shown)
    wire::putAll(words, list.data(), list.size());
  Expected<std::vector<std::string>> answers = give(Order::Load, words);
  if (!answers)
    return answers.takeError();
  std::vector<uint64_t> hashes(image->cores.size());
  for (const std::string &answer : *answers)
    for (wire::Reader reader(answer); !reader.done();) {
      const auto core = reader.get<uint32_t>();
      hashes[core] = reader.get<uint64_t>();
    }
  imageHash = hashOf(hashes, image->programs, image->target);
  return Error::success();
}

Error Leader::checkCore(uint32_t core) const {
  if (core < image->cores.size())
    return Error::success();
  return inputError("core " + std::to_string(core) + " of an image with " +
                    std::to_string(image->cores.size()));
}

Error Leader::checkSpikes(std::span<const HostSpike> spikes) const {
  for (const HostSpike &spike : spikes) {
    if (Error error = checkCore(spike.core))
      return error;
    const auto &axons = image->cores[spike.core].axonsIn;
    if (spike.axon >= axons.size() || spike.atom >= axons[spike.axon].popRows)
      return inputError("axon " + std::to_string(spike.axon) + ", atom " +
                            std::to_string(spike.atom) + " of core " +
                            std::to_string(spike.core) +
                            ", which has not got it",
                        "host spike");
  }
  return Error::success();
}

Error Leader::send(std::span<const HostSpike> spikes) {
  if (Error error = trouble())
    return error;
  if (Error error = checkSpikes(spikes))
    return error;
  queued.insert(queued.end(), spikes.begin(), spikes.end());
  return Error::success();
}

Error Leader::inject(uint32_t core, uint32_t compartment, uint32_t port,
                     int32_t value) {
  if (Error error = checkCore(core))
    return error;
  std::string words;
  wire::put(words, core);
  wire::put(words, compartment);
  wire::put(words, port);
  wire::put(words, value);
  return give(Order::Inject, words).takeError();
}

void Leader::step() {
  forget();
  ++done;
  std::string words;
  wire::putAll(words, queued.data(), queued.size());
  queued.clear();
  emitted.clear();
  Expected<std::vector<std::string>> answers = give(Order::Step, words);
  if (!answers)
    return note(answers.takeError());
  for (const std::string &answer : *answers)
    for (wire::Reader reader(answer); !reader.done();) {
      const auto core = reader.get<uint32_t>();
      const auto compartment = reader.get<uint32_t>();
      emitted.push_back({done, core, compartment, reader.get<int32_t>()});
    }
  // Ranks own runs of cores, in order; so they are sorted already.
}

Expected<std::vector<int32_t>> Leader::read(uint32_t core,
                                            std::string_view state) const {
  if (Error error = checkCore(core))
    return std::move(error);
  auto found = states.find(state);
  if (found == states.end()) {
    std::string words;
    wire::putText(words, state);
    auto answers = give(Order::Read, words);
    if (!answers)
      return answers.takeError();
    State all;
    all.values.resize(image->cores.size());
    all.problems.resize(image->cores.size());
    for (const std::string &answer : *answers)
      for (wire::Reader reader(answer); !reader.done();) {
        const auto at = reader.get<uint32_t>();
        if (reader.get<uint8_t>())
          all.values[at] = reader.getAll<int32_t>();
        else
          all.problems[at] = reader.getText();
      }
    found = states.emplace(std::string(state), std::move(all)).first;
  }
  if (!found->second.problems[core].empty())
    return inputError(found->second.problems[core]);
  return found->second.values[core];
}

const CoreCounters &Leader::counters(uint32_t core) const {
  static const CoreCounters none;
  if (core >= image->cores.size())
    return none;
  if (counted.empty()) {
    auto answers = give(Order::Counters);
    if (!answers) {
      note(answers.takeError());
      return none;
    }
    counted.resize(image->cores.size());
    for (const std::string &answer : *answers)
      for (wire::Reader reader(answer); !reader.done();) {
        const auto at = reader.get<uint32_t>();
        counted[at] = reader.get<CoreCounters>();
      }
  }
  return counted[core];
}

void Leader::reset() {
  forget();
  if (Error error = give(Order::Reset).takeError())
    note(std::move(error));
  emitted.clear();
  queued.clear();
  done = 0;
}

} // namespace hillock::emu
