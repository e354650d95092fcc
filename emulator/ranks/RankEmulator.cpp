//===- emulator/ranks/RankEmulator.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The leader broadcasts an order; all carry it out, the leader too; then all
// send it what they have found, or the text of what went wrong.
//
//===----------------------------------------------------------------------===//
#include "emulator/ranks/RankEmulator.h"
#include "emulator/core/Checkpoint.h"
#include "emulator/ranks/Part.h"
#include "emulator/ranks/Wire.h"
#include <algorithm>
#include <map>
#include <optional>

namespace hillock::emu {

namespace {

enum class Order : uint8_t {
  Load,     ///< threads, seed, rank of each core, who is watched
  Step,     ///< host spikes; answer: spikes
  Inject,   ///< core, compartment, port, value
  Read,     ///< state; answer: values of each own core that has it
  Counters, ///< answer: of each own core
  Reset,
  Save,    ///< answer: a checkpoint with the own cores
  Restore, ///< a checkpoint
  Leave,
};

/// What a rank answers: an error's kind and text, or nothing wrong and bytes.
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

/// Carries out orders on the cores of a rank.
class Worker {
public:
  Worker(Team &team, CoreSource source, std::shared_ptr<LaneCodegen> codegen)
      : team(team), source(std::move(source)), codegen(std::move(codegen)) {}

  Expected<std::string> carryOut(Order order, wire::Reader &words);
  Part *cores() { return part.get(); }

private:
  Expected<std::string> load(wire::Reader &words);
  Expected<std::string> step(wire::Reader &words);
  Error inject(wire::Reader &words);
  Expected<std::string> read(const std::string &state) const;
  std::string counters() const;
  Expected<std::string> save() const;
  Error restore(const std::string &bytes);

  Team &team;
  std::optional<CoreSource> source; ///< until it is loaded
  std::shared_ptr<LaneCodegen> codegen;
  std::unique_ptr<Part> part;
  /// By core: a byte a compartment, whose spikes the leader wants to see; none
  /// when it wants all.
  std::vector<std::vector<uint8_t>> watched;
};

Expected<std::string> Worker::load(wire::Reader &words) {
  Options options;
  options.threads = words.get<uint32_t>();
  options.seed = words.get<uint64_t>();
  options.codegen = codegen;
  std::vector<uint32_t> rankOf = words.getAll<uint32_t>();
  watched.clear();
  for (auto lists = words.get<uint64_t>(); lists > 0 && words.good(); --lists)
    watched.push_back(words.getAll<uint8_t>());
  Expected<std::unique_ptr<Part>> made = Part::create(
      *source, std::move(rankOf), options, team.rank(), team.size());
  if (!made)
    return made.takeError();
  part = std::move(*made);
  source.reset();
  return std::string();
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

/// The leader's view of all.
class Leader final : public Emulator {
public:
  Leader(std::shared_ptr<Team> team,
         std::shared_ptr<const image::LoadedImage> image, Options options)
      : team(std::move(team)), image(std::move(image)), options(options),
        worker(*this->team, this->image, options.codegen) {}

  Error load(bool outputsOnly);
  uint64_t now() const override { return done; }
  Error send(std::span<const HostSpike> spikes) override;
  Error inject(uint32_t core, uint32_t compartment, uint32_t port,
               int32_t value) override;
  void step() override;
  std::span<const Spike> spikes() const override { return emitted; }
  Expected<std::vector<int32_t>> read(uint32_t core,
                                      std::string_view state) const override;
  const CoreCounters &counters(uint32_t core) const override;
  void reset() override;
  Error save(proto::Checkpoint &to) const override;
  Error restore(const proto::Checkpoint &from) override;

private:
  /// The answers by rank; the first error of any.
  Expected<std::vector<std::string>> give(Order order,
                                          const std::string &words = {}) const;
  Error checkSpikes(std::span<const HostSpike> spikes) const;
  /// For calls that cannot fail: kept for the next one that can.
  void note(Error error) const;
  Error trouble() const;
  void forget() const;

  std::shared_ptr<Team> team;
  std::shared_ptr<const image::LoadedImage> image;
  Options options;
  mutable Worker worker;
  uint64_t done = 0;
  std::vector<Spike> emitted;
  std::vector<HostSpike> queued;
  /// What has been asked for since the last step.
  struct State {
    std::vector<std::vector<int32_t>> values;
    std::vector<std::string> problems; ///< by core, empty: none
  };
  mutable std::map<std::string, State, std::less<>> states;
  mutable std::vector<CoreCounters> counted;
  mutable std::string failure;
  mutable std::optional<uint64_t> imageHash;
};

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
std::vector<std::vector<uint8_t>> outputsOf(const image::LoadedImage &image) {
  std::vector<std::vector<uint8_t>> shown(image.cores.size());
  for (const proto::Port &port : image.proto.io().output())
    for (int n = 0; n < port.core_size() && port.state().empty(); ++n) {
      std::vector<uint8_t> &list = shown[port.core(n)];
      list.resize(image.cores[port.core(n)].compartments);
      list[port.index(n)] = 1;
    }
  return shown;
}

Error Leader::load(bool outputsOnly) {
  std::string words;
  wire::put(words, static_cast<uint32_t>(options.threads));
  wire::put(words, options.seed);
  const std::vector<uint32_t> rankOf = dealCores(*image, team->size());
  wire::putAll(words, rankOf.data(), rankOf.size());
  const auto shown =
      outputsOnly ? outputsOf(*image) : std::vector<std::vector<uint8_t>>();
  wire::put(words, static_cast<uint64_t>(shown.size()));
  for (const std::vector<uint8_t> &list : shown)
    wire::putAll(words, list.data(), list.size());
  return give(Order::Load, words).takeError();
}

Error Leader::checkSpikes(std::span<const HostSpike> spikes) const {
  for (const HostSpike &spike : spikes) {
    const std::string what = "core " + std::to_string(spike.core);
    if (spike.core >= image->cores.size())
      return inputError(what + " of an image with " +
                        std::to_string(image->cores.size()));
    const auto &axons = image->cores[spike.core].axonsIn;
    if (spike.axon >= axons.size() || spike.atom >= axons[spike.axon].popRows)
      return inputError("axon " + std::to_string(spike.axon) + ", atom " +
                            std::to_string(spike.atom) + " of " + what +
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
  if (core >= image->cores.size())
    return inputError("core " + std::to_string(core) + " of an image with " +
                      std::to_string(image->cores.size()));
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
  if (core >= image->cores.size())
    return inputError("core " + std::to_string(core) + " of an image with " +
                      std::to_string(image->cores.size()));
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

Error Leader::save(proto::Checkpoint &to) const {
  if (Error error = trouble())
    return error;
  auto answers = give(Order::Save);
  if (!answers)
    return answers.takeError();
  if (!imageHash)
    imageHash = hashOf(*image);
  to.set_format(checkpointFormat);
  to.set_image_hash(*imageHash);
  to.set_seed(options.seed);
  to.set_step(done);
  const std::vector<uint32_t> &rankOf = worker.cores()->ranksOfCores();
  for (size_t rank = 0; rank < answers->size(); ++rank) {
    proto::Checkpoint part;
    if (!part.ParseFromString((*answers)[rank]) ||
        static_cast<size_t>(part.core_size()) != rankOf.size())
      return makeError(ErrorKind::Internal, "a state did not arrive whole",
                       "rank " + std::to_string(rank));
    for (uint32_t core = 0; core < rankOf.size(); ++core) {
      if (rank == 0)
        to.add_core();
      if (rankOf[core] == rank)
        to.mutable_core(int(core))->Swap(part.mutable_core(int(core)));
    }
    // Ranks own runs of cores, in order; the leader may have seen fewer.
    to.mutable_spikes()->MergeFrom(part.spikes());
  }
  toProto(queued, *to.mutable_host());
  return Error::success();
}

Error Leader::restore(const proto::Checkpoint &from) {
  if (Error error = trouble())
    return error;
  if (!imageHash)
    imageHash = hashOf(*image);
  if (Error error =
          checkHeader(from, *imageHash, options.seed, image->cores.size()))
    return error;
  Expected<std::vector<Spike>> spikes = fromProto(from.spikes(), from.step());
  if (!spikes)
    return spikes.takeError();
  for (const Spike &spike : *spikes)
    if (spike.core >= image->cores.size() ||
        spike.compartment >= image->cores[spike.core].compartments)
      return inputError("a spike of core " + std::to_string(spike.core) +
                            ", compartment " +
                            std::to_string(spike.compartment),
                        "checkpoint", "it is damaged: use another one");
  Expected<std::vector<HostSpike>> host = fromProto(from.host());
  if (!host)
    return host.takeError();
  if (Error error = checkSpikes(*host))
    return error;
  // A rank that refuses must not leave the others changed.
  proto::Checkpoint before;
  if (Error error = save(before))
    return error;
  auto bring = [&](const proto::Checkpoint &checkpoint) {
    std::string bytes, words;
    proto::Checkpoint chip = checkpoint;
    chip.clear_run();
    chip.clear_clock();
    chip.clear_host(); // goes with the next step
    chip.SerializeToString(&bytes);
    wire::putText(words, bytes);
    return give(Order::Restore, words).takeError();
  };
  forget();
  if (Error error = bring(from)) {
    if (Error again = bring(before))
      note(std::move(again));
    return error;
  }
  done = from.step();
  emitted = std::move(*spikes);
  queued = std::move(*host);
  return Error::success();
}

} // namespace

RankLeader::RankLeader(std::shared_ptr<Team> team) : team(std::move(team)) {}

RankLeader::~RankLeader() { leave(); }

void RankLeader::leave() {
  if (!team)
    return;
  std::string bytes;
  wire::put(bytes, Order::Leave);
  // The others are gone already when this fails.
  llvm::consumeError(team->broadcast(bytes));
  team.reset();
}

Expected<std::unique_ptr<Emulator>>
RankLeader::emulator(std::shared_ptr<const image::LoadedImage> image,
                     Options options, bool outputsOnly) {
  if (!team || !image)
    return makeError(ErrorKind::Internal, "no team or no image", "ranks");
  auto leader = std::make_unique<Leader>(team, std::move(image), options);
  if (Error error = leader->load(outputsOnly))
    return std::move(error);
  return std::unique_ptr<Emulator>(std::move(leader));
}

Error serve(Team &team, const SourceOpener &open,
            std::shared_ptr<LaneCodegen> codegen) {
  std::unique_ptr<Worker> worker;
  for (;;) {
    std::string bytes;
    if (Error error = team.broadcast(bytes))
      return error;
    wire::Reader words(bytes);
    const Order order = words.get<Order>();
    if (order == Order::Leave)
      return Error::success();
    Expected<std::string> result = std::string();
    if (order == Order::Load) {
      Expected<CoreSource> source = open();
      if (source)
        worker = std::make_unique<Worker>(team, std::move(*source), codegen);
      else
        result = source.takeError();
    }
    if (result) {
      if (worker)
        result = worker->carryOut(order, words);
      else
        result = makeError(ErrorKind::Internal, "nothing is loaded", "ranks");
    }
    std::vector<std::string> nobody;
    if (Error error = team.gather(answerOf(std::move(result)), nobody))
      return error;
  }
}

} // namespace hillock::emu
