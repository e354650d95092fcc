//===- emulator/ranks/Worker.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/ranks/Worker.h"
#include "proto/checkpoint.pb.h"

namespace hillock::emu {

std::string answerOf(Expected<std::string> result) {
  std::string answer;
  if (result) {
    wire::put(answer, int32_t{0});
    return answer + *result;
  }
  ErrorKind kind = ErrorKind::Internal;
  const std::string text = takeText(result.takeError(), &kind);
  wire::put(answer, static_cast<int32_t>(kind));
  wire::putText(answer, text);
  return answer;
}

Expected<std::string> Worker::load(wire::Reader &words) {
  Options options;
  options.threads = words.get<uint32_t>();
  options.seed = words.get<uint64_t>();
  options.codegen = codegen;
  Part::Plan plan;
  plan.imageHash = words.get<uint64_t>();
  plan.rankOf = words.getAll<uint32_t>();
  watched.clear();
  for (auto lists = words.get<uint64_t>(); lists > 0 && words.good(); --lists)
    watched.push_back(words.getAll<uint8_t>());
  Expected<std::unique_ptr<Part>> made =
      Part::create(*source, std::move(plan), options, team.rank(), team.size());
  if (!made)
    return made.takeError();
  part = std::move(*made);
  source.reset();
  std::string answer;
  for (uint32_t core = 0; core < part->ranksOfCores().size(); ++core)
    if (part->owns(core)) {
      wire::put(answer, core);
      wire::put(answer, part->hashOfCore(core));
    }
  return answer;
}

Expected<std::string> Worker::step(wire::Reader &words) {
  std::vector<HostSpike> host = words.getAll<HostSpike>();
  std::erase_if(
      host, [&](const HostSpike &spike) { return !part->owns(spike.core); });
  Error error = part->cores().send(host);
  // The others count on this rank, whatever happens to it.
  error = llvm::joinErrors(std::move(error), part->step(team));
  if (error)
    return std::move(error);
  std::string answer;
  const std::span<const Spike> spikes = part->cores().spikes();
  for (const Spike &spike : spikes) {
    if (!watched.empty() && (spike.core >= watched.size() ||
                             spike.compartment >= watched[spike.core].size() ||
                             !watched[spike.core][spike.compartment]))
      continue;
    wire::put(answer, spike.core);
    wire::put(answer, spike.compartment);
    wire::put(answer, spike.payload);
  }
  return answer;
}

Error Worker::inject(wire::Reader &words) {
  const auto core = words.get<uint32_t>();
  const auto compartment = words.get<uint32_t>(), port = words.get<uint32_t>();
  const auto value = words.get<int32_t>();
  return part->owns(core) ? part->cores().inject(core, compartment, port, value)
                          : Error::success();
}

Expected<std::string> Worker::read(const std::string &state) const {
  std::string answer;
  for (uint32_t core = 0; core < part->ranksOfCores().size(); ++core) {
    if (!part->owns(core))
      continue;
    Expected<std::vector<int32_t>> values = part->cores().read(core, state);
    wire::put(answer, core);
    wire::put(answer, static_cast<uint8_t>(values ? 1 : 0));
    if (values)
      wire::putAll(answer, values->data(), values->size());
    else
      wire::putText(answer, takeText(values.takeError()));
  }
  return answer;
}

std::string Worker::counters() const {
  std::string answer;
  for (uint32_t core = 0; core < part->ranksOfCores().size(); ++core)
    if (part->owns(core)) {
      wire::put(answer, core);
      wire::put(answer, part->counters(core));
    }
  return answer;
}

Expected<std::string> Worker::save() const {
  proto::Checkpoint checkpoint;
  if (Error error = part->save(checkpoint))
    return std::move(error);
  std::string bytes;
  if (!checkpoint.SerializeToString(&bytes))
    return makeError(ErrorKind::Internal, "the state cannot be serialized");
  return bytes;
}

Error Worker::restore(const std::string &bytes) {
  proto::Checkpoint checkpoint;
  if (!checkpoint.ParseFromString(bytes))
    return makeError(ErrorKind::Internal, "a checkpoint did not arrive whole");
  return part->restore(checkpoint);
}

Expected<std::string> Worker::carryOut(Order order, wire::Reader &words) {
  auto done = [](Error error) -> Expected<std::string> {
    if (error)
      return std::move(error);
    return std::string();
  };
  switch (order) {
  case Order::Load:
    return load(words);
  case Order::Step:
    return step(words);
  case Order::Inject:
    return done(inject(words));
  case Order::Read:
    return read(words.getText());
  case Order::Counters:
    return counters();
  case Order::Reset:
    part->reset();
    return std::string();
  case Order::Save:
    return save();
  case Order::Restore:
    return done(restore(words.getText()));
  case Order::Leave:
    break;
  }
  return std::string();
}

} // namespace hillock::emu
