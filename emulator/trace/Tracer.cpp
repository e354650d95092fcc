//===- emulator/trace/Tracer.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/trace/Tracer.h"

namespace hillock::emu {

std::vector<std::string> linkNames(uint32_t tilesX, uint32_t tilesY) {
  // In the order of Port in emulator/noc.
  std::vector<std::string> directions(meshDirections);
  directions[static_cast<size_t>(Port::East)] = "east";
  directions[static_cast<size_t>(Port::West)] = "west";
  directions[static_cast<size_t>(Port::South)] = "south";
  directions[static_cast<size_t>(Port::North)] = "north";
  std::vector<std::string> names;
  for (uint32_t y = 0; y < tilesY; ++y)
    for (uint32_t x = 0; x < tilesX; ++x)
      for (const std::string &direction : directions)
        names.push_back("tile (" + std::to_string(x) + ", " +
                        std::to_string(y) + ") " + direction);
  return names;
}

Expected<std::unique_ptr<Tracer>>
Tracer::create(const std::vector<std::string> &paths, const TraceShape &shape) {
  std::unique_ptr<Tracer> tracer(new Tracer(shape));
  tracer->before.resize(shape.cores.size());
  for (const std::string &path : paths) {
    Expected<std::unique_ptr<TraceFile>> file = createTrace(path, shape);
    if (!file)
      return file.takeError();
    tracer->files.push_back(std::move(*file));
  }
  return tracer;
}

void Tracer::begin(const Emulator &emulator) {
  counted.clear();
  timed.clear();
  for (uint32_t c = 0; c < before.size(); ++c)
    before[c] = emulator.counters(c);
}

void Tracer::counts(const Emulator &emulator) {
  TraceStep step;
  step.number = emulator.now();
  step.cores.resize(before.size());
  for (uint32_t c = 0; c < before.size(); ++c) {
    const CoreCounters &now = emulator.counters(c);
    step.cores[c].spikes = now.spikes - before[c].spikes;
    step.cores[c].messagesIn = now.axonsIn - before[c].axonsIn;
    step.cores[c].synapticEvents =
        now.synapticEvents - before[c].synapticEvents;
    before[c] = now;
  }
  if (shape.timed) {
    counted.push_back(std::move(step));
    match();
    return;
  }
  step.startPs = nowPs;
  step.workPs = untimedStepPs;
  write(step);
}

void Tracer::time(const StepTime &time, const ClockTotals &own,
                  uint64_t cyclePs) {
  TraceStep step;
  step.workPs = time.workPs;
  step.barrierPs = time.barrierPs;
  step.cores.resize(before.size());
  for (size_t c = 0; c < step.cores.size() && c < own.cores.size(); ++c) {
    step.cores[c].sendPs = own.cores[c].sender() * cyclePs;
    step.cores[c].receivePs = own.cores[c].receiver() * cyclePs;
  }
  step.linkMessages = own.linkMessages;
  step.linkMessages.resize(shape.links.size());
  timed.push_back(std::move(step));
  match();
}

void Tracer::match() {
  for (; !counted.empty() && !timed.empty();
       counted.pop_front(), timed.pop_front()) {
    TraceStep &step = counted.front();
    TraceStep &clock = timed.front();
    step.startPs = nowPs;
    step.workPs = clock.workPs;
    step.barrierPs = clock.barrierPs;
    step.linkMessages = std::move(clock.linkMessages);
    for (size_t c = 0; c < step.cores.size(); ++c) {
      step.cores[c].sendPs = clock.cores[c].sendPs;
      step.cores[c].receivePs = clock.cores[c].receivePs;
    }
    write(step);
  }
}

void Tracer::write(const TraceStep &step) {
  nowPs = step.startPs + step.workPs + step.barrierPs;
  for (std::unique_ptr<TraceFile> &file : files)
    if (Error error = file->add(step)) {
      ErrorKind kind = ErrorKind::Internal;
      std::string text = takeText(std::move(error), &kind);
      if (failure.empty()) {
        failure = std::move(text);
        failureKind = kind;
      }
    }
}

Error Tracer::finish() {
  if (!failure.empty())
    return makeError(failureKind, failure);
  if (!counted.empty() || !timed.empty())
    return makeError(ErrorKind::Internal, "steps without a time", "trace");
  for (std::unique_ptr<TraceFile> &file : files)
    if (Error error = file->finish())
      return error;
  return Error::success();
}

namespace {

class Traced final : public Emulator {
public:
  Traced(std::unique_ptr<Emulator> emulator, std::shared_ptr<Tracer> tracer)
      : inner(std::move(emulator)), tracer(std::move(tracer)) {}

  uint64_t now() const override { return inner->now(); }
  Error send(std::span<const HostSpike> spikes) override {
    return inner->send(spikes);
  }
  Error inject(uint32_t core, uint32_t compartment, uint32_t port,
               int32_t value) override {
    return inner->inject(core, compartment, port, value);
  }
  void step() override {
    inner->step();
    tracer->counts(*inner);
  }
  std::span<const Spike> spikes() const override { return inner->spikes(); }
  Expected<std::vector<int32_t>> read(uint32_t core,
                                      std::string_view state) const override {
    return inner->read(core, state);
  }
  const CoreCounters &counters(uint32_t core) const override {
    return inner->counters(core);
  }
  void reset() override {
    inner->reset();
    tracer->begin(*inner);
  }
  Error save(proto::Checkpoint &to) const override { return inner->save(to); }
  Error restore(const proto::Checkpoint &from) override {
    if (Error error = inner->restore(from))
      return error;
    tracer->begin(*inner);
    return Error::success();
  }

private:
  std::unique_ptr<Emulator> inner;
  std::shared_ptr<Tracer> tracer;
};

} // namespace

std::unique_ptr<Emulator> traced(std::unique_ptr<Emulator> inner,
                                 std::shared_ptr<Tracer> tracer) {
  return std::make_unique<Traced>(std::move(inner), std::move(tracer));
}

} // namespace hillock::emu
