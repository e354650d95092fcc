//===- runtime/session/Session.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/session/Session.h"
#include "base/Describe.h"
#include "emulator/jit/Jit.h"
#include "image/InputCodes.h"
#include "proto/checkpoint.pb.h"
#include "runtime/session/Recording.h"
#include "target/Hash.h"
#include <algorithm>
#include <cmath>

namespace hillock::runtime {

namespace {

template <typename Shape> std::vector<int64_t> toVector(const Shape &shape) {
  return {shape.begin(), shape.end()};
}

std::string shapeText(const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

int64_t product(const std::vector<int64_t> &shape) {
  int64_t n = 1;
  for (int64_t size : shape)
    n *= size;
  return n;
}

// A count in a step is that many messages; more than this is not a count.
constexpr float maxCount = 255;

} // namespace

int64_t SpikeTrain::neurons() const { return product(shape); }

std::vector<int64_t> SpikeTrain::counts() const {
  std::vector<int64_t> result(neurons());
  for (const Event &event : events)
    ++result[event.neuron];
  return result;
}

std::vector<double> SpikeTrain::sums() const {
  std::vector<double> result(neurons());
  for (const Event &event : events)
    result[event.neuron] += event.value;
  return result;
}

struct Session::Source {
  const proto::Port *port;
  const Stimulus *stimulus;
};

Expected<Session> Session::open(std::shared_ptr<const image::LoadedImage> image,
                                unsigned threads) {
  auto emulator = emu::Emulator::create(image, emu::hostOptions(threads));
  if (!emulator)
    return emulator.takeError();
  return open(std::move(image), std::move(*emulator));
}

Expected<Session> Session::open(std::shared_ptr<const image::LoadedImage> image,
                                std::unique_ptr<emu::Emulator> emulator) {
  if (!image || !emulator)
    return makeError(ErrorKind::Internal, "no image or no emulator",
                     "runtime::Session");
  Session session;
  session.loaded = std::move(image);
  session.emulator = std::move(emulator);
  return session;
}

Expected<std::vector<Session::Source>>
Session::bind(const std::map<std::string, Stimulus> &stimuli) const {
  std::vector<Source> sources;
  const proto::Io &io = loaded->proto.io();
  for (const auto &[name, stimulus] : stimuli) {
    const proto::Port *port = nullptr;
    for (const proto::Port &candidate : io.input())
      if (candidate.name() == name || (name.empty() && io.input_size() == 1))
        port = &candidate;
    if (!port) {
      std::string known;
      for (const proto::Port &candidate : io.input())
        known += (known.empty() ? "'" : ", '") + candidate.name() + "'";
      return inputError("the network has no input '" + name + "'", "stimulus",
                        "its inputs are " + known);
    }
    std::vector<int64_t> shape = toVector(port->shape());
    if (stimulus.neurons() != product(shape))
      return inputError(
          "the stimulus has " + std::to_string(stimulus.neurons()) +
              " neurons (" + shapeText(stimulus.shape) +
              "), the network's "
              "input has " +
              std::to_string(product(shape)) + " (" + shapeText(shape) + ")",
          "input '" + port->name() + "'", "give data of the network's shape");
    const bool graded = port->has_codes();
    for (const Event &event : stimulus.events)
      if (std::isnan(event.value) ||
          (!graded && (event.value < 1 || event.value > maxCount ||
                       event.value != std::floor(event.value))))
        return inputError("a value of " + std::to_string(event.value) +
                              " at step " + std::to_string(event.step) +
                              ", neuron " + std::to_string(event.neuron) +
                              "; the chip's input takes " +
                              (graded ? "numbers" : "spikes"),
                          "input '" + port->name() + "'",
                          graded ? "look at the data"
                                 : "encode the values as spikes (--encode)");
    sources.push_back({port, &stimulus});
  }
  if (sources.empty())
    return inputError("no stimulus is given", "input", "give --input");
  return sources;
}

uint64_t Session::gather(const std::vector<Source> &sources, int64_t step,
                         std::vector<emu::HostSpike> &spikes) const {
  uint64_t events = 0;
  for (const Source &source : sources) {
    const proto::Port &port = *source.port;
    for (const Event &event : source.stimulus->eventsAt(step)) {
      const int32_t payload =
          port.has_codes() ? image::payloadOf(port.codes(), event.value) : 1;
      if (payload == 0)
        continue;
      ++events;
      for (uint32_t i = port.first(event.neuron);
           i < port.first(event.neuron + 1); ++i) {
        uint32_t atom =
            i < static_cast<uint32_t>(port.atom_size()) ? port.atom(i) : 0;
        const auto count =
            port.has_codes() ? 1 : static_cast<size_t>(event.value);
        spikes.insert(spikes.end(), count,
                      {port.core(i), port.index(i), atom, payload});
      }
    }
  }
  return events;
}

Expected<uint64_t> Session::feed(const std::vector<Source> &sources,
                                 int64_t step) {
  std::vector<emu::HostSpike> spikes;
  uint64_t events = gather(sources, step, spikes);
  if (Error error = emulator->send(spikes))
    return std::move(error);
  return events;
}

/// Steps of which nothing but the spikes is looked at, at once: the emulator is
/// faster when it knows what comes.
Error Session::runAhead(const std::vector<Source> &sources,
                        Recording &recording, int64_t chip, int64_t count,
                        int64_t steps) {
  std::vector<std::vector<emu::HostSpike>> inputs(static_cast<size_t>(count));
  // What enters the first step has been sent.
  for (int64_t k = 1; k < count && chip + k <= steps; ++k)
    gather(sources, chip + k - 1, inputs[static_cast<size_t>(k)]);
  std::vector<emu::Spike> spikes;
  const uint64_t first = emulator->now() + 1;
  if (Error error = emulator->run(inputs, spikes))
    return error;
  for (const emu::Spike &spike : spikes)
    recording.add(spike, chip + static_cast<int64_t>(spike.step - first));
  return Error::success();
}

/// Of the events before \p step, of all sources.
template <typename Sources>
static uint64_t hashBefore(const Sources &sources, int64_t step) {
  std::string bytes;
  auto add = [&](uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<char>(value >> shift));
  };
  for (const auto &source : sources) {
    bytes += source.port->name() + '\0';
    for (const Event &event : source.stimulus->events)
      if (event.step < step) {
        add(event.step);
        add(event.neuron);
        add(static_cast<uint32_t>(event.value));
      }
  }
  return target::hashBytes(bytes);
}

/// A checkpoint of another past is not for this run.
static Error checkPast(const proto::Checkpoint &from, uint64_t past,
                       int64_t chipSteps) {
  if (!from.has_run())
    return inputError("it is not one of a session", "checkpoint",
                      "resume with a file made by `hillock run --checkpoint`");
  if (from.step() > static_cast<uint64_t>(chipSteps))
    return inputError("it is at step " + std::to_string(from.step()) +
                          " of the chip, the run ends after step " +
                          std::to_string(chipSteps),
                      "checkpoint", "give more --steps");
  if (from.run().stimulus_hash() != past)
    return inputError("the input before its step " +
                          std::to_string(from.step()) + " was another one",
                      "checkpoint",
                      "resume with the input (and its options) that was "
                      "running");
  return Error::success();
}

/// Two blocks of the emulator and a step by itself.
constexpr int64_t stepsAhead = 63;

Expected<RunResult> Session::run(const std::map<std::string, Stimulus> &stimuli,
                                 const RunOptions &options) {
  auto sources = bind(stimuli);
  if (!sources)
    return sources.takeError();
  int64_t steps = options.steps;
  uint64_t inputSpikes = 0;
  for (const Source &source : *sources) {
    inputSpikes += source.stimulus->events.size();
    if (options.steps == 0)
      steps = std::max(steps, source.stimulus->steps);
  }
  emulator->reset();
  auto recording = Recording::create(*loaded, *emulator, options, steps);
  if (!recording)
    return recording.takeError();
  const int64_t lag = recording->lag();
  int64_t chip = 0;
  bool kept = false;
  auto past = [&](int64_t at) {
    return hashBefore(*sources, std::min(at, steps));
  };
  auto keep = [&]() -> Error {
    proto::Checkpoint checkpoint;
    if (Error error = emulator->save(checkpoint))
      return error;
    recording->save(*checkpoint.mutable_run());
    checkpoint.mutable_run()->set_stimulus_hash(past(chip));
    return options.keep(checkpoint);
  };
  if (const proto::Checkpoint *from = options.resume) {
    // First whose it is: the rest says nothing when it is of another image.
    if (Error error = emulator->restore(*from))
      return std::move(error);
    chip = static_cast<int64_t>(from->step());
    if (Error error = checkPast(*from, past(chip), steps + lag))
      return std::move(error);
    if (Error error = recording->restore(from->run(), chip))
      return std::move(error);
  }
  while (chip < recording->steps() + lag) {
    int64_t ahead = recording->looksAtSteps()
                        ? 0
                        : std::min(stepsAhead, steps + lag - chip) - 1;
    if (options.keepEvery > 0)
      ahead = std::min(ahead, options.keepEvery - 1 - chip % options.keepEvery);
    if (options.keep && chip < steps)
      ahead = std::min(ahead, steps - 1 - chip);
    if (ahead > 0) {
      if (Error error = runAhead(*sources, *recording, chip, ahead, steps))
        return std::move(error);
      chip += ahead;
      if (chip <= steps)
        if (auto events = feed(*sources, chip - 1); !events)
          return events.takeError();
    }
    emulator->step();
    uint64_t fed = 0;
    if (chip < steps) {
      Expected<uint64_t> events = feed(*sources, chip);
      if (!events)
        return events.takeError();
      fed = *events;
    }
    if (Error error = recording->record(*emulator, chip, fed))
      return std::move(error);
    ++chip;
    if (options.progress)
      options.progress(chip, recording->steps() + lag);
    // Up to the end of the input: what comes behind it belongs to this run's
    // length, and a resumed run may be longer.
    const bool due = options.keepEvery > 0 && chip % options.keepEvery == 0;
    if (options.keep && (chip == steps || (due && chip < steps))) {
      if (Error error = keep())
        return std::move(error);
      kept = true;
    }
  }
  if (options.keep && (!kept || chip < steps))
    if (Error error = keep())
      return std::move(error);
  RunResult result = recording->take();
  result.inputSpikes = inputSpikes;
  result.chipSteps = chip;
  for (uint32_t core = 0; core < loaded->cores.size(); ++core)
    result.cores.push_back(emulator->counters(core));
  return result;
}

} // namespace hillock::runtime
