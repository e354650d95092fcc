//===- emulator/trace/Waves.cpp -------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/trace/Waves.h"
#include <algorithm>

namespace hillock::emu {

namespace {

class Waves final : public TraceFile {
public:
  Waves(std::unique_ptr<WaveFile> file, const TraceShape &shape)
      : file(std::move(file)), shape(shape) {}

  Error describe();
  Error add(const TraceStep &step) override;
  Error finish() override;

private:
  struct CoreSignals {
    size_t send = 0, receive = 0, spikes = 0, messages = 0, events = 0;
  };
  struct Change {
    uint64_t ps;
    size_t signal;
    uint64_t value;
  };

  size_t declare(const std::string &name, uint32_t bits) {
    file->declare(name, bits);
    values.push_back(0);
    return values.size() - 1;
  }
  void set(uint64_t ps, size_t signal, uint64_t value) {
    changes.push_back({ps, signal, value});
  }
  void pulse(size_t signal, uint64_t fromPs, uint64_t lengthPs) {
    if (lengthPs == 0)
      return;
    set(fromPs, signal, 1);
    set(fromPs + lengthPs, signal, 0);
  }
  void writeChanges();

  std::unique_ptr<WaveFile> file;
  TraceShape shape;
  std::vector<uint64_t> values; ///< by signal
  std::vector<CoreSignals> cores;
  std::vector<size_t> links;
  size_t stepSignal = 0, barrierSignal = 0;
  std::vector<Change> changes;
  uint64_t endPs = 0;
};

/// As names in the formats are.
std::string plainName(std::string name) {
  for (char &c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)))
      c = '_';
  return name;
}

Error Waves::describe() {
  file->comment("hillock: " + shape.title +
                (shape.timed ? ", chip time" : ", 1 us a step, no clock"));
  file->openScope("chip");
  stepSignal = declare("step", 64);
  if (shape.timed)
    barrierSignal = declare("barrier", 1);
  file->closeScope();
  for (size_t c = 0; c < shape.cores.size(); ++c) {
    const TraceShape::Core &core = shape.cores[c];
    if (c == 0 || core.chip != shape.cores[c - 1].chip) {
      if (c > 0)
        file->closeScope();
      file->openScope("chip" + std::to_string(core.chip));
    }
    file->openScope("core" + std::to_string(core.core));
    CoreSignals own;
    if (shape.timed) {
      own.send = declare("send", 1);
      own.receive = declare("receive", 1);
    }
    own.spikes = declare("spikes", 32);
    own.messages = declare("messages_in", 32);
    own.events = declare("synaptic_events", 32);
    cores.push_back(own);
    file->closeScope();
  }
  if (!shape.cores.empty())
    file->closeScope();
  if (!shape.links.empty()) {
    file->openScope("links");
    for (const std::string &link : shape.links)
      links.push_back(declare(plainName(link), 32));
    file->closeScope();
  }
  return file->begin();
}

void Waves::writeChanges() {
  // A pulse may end where the next begins: the later change of a signal counts.
  std::stable_sort(
      changes.begin(), changes.end(),
      [](const Change &a, const Change &b) { return a.ps < b.ps; });
  for (size_t i = 0; i < changes.size();) {
    const uint64_t ps = changes[i].ps;
    std::vector<size_t> changed;
    for (; i < changes.size() && changes[i].ps == ps; ++i) {
      uint64_t &value = values[changes[i].signal];
      if (value == changes[i].value)
        continue;
      value = changes[i].value;
      changed.push_back(changes[i].signal);
    }
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    for (size_t signal : changed)
      file->change(ps, signal, values[signal]);
  }
  changes.clear();
}

Error Waves::add(const TraceStep &step) {
  // What was still to come at the end of the step before comes first.
  set(step.startPs, stepSignal, step.number);
  if (shape.timed)
    pulse(barrierSignal, step.startPs + step.workPs, step.barrierPs);
  for (size_t c = 0; c < cores.size(); ++c) {
    const CoreActivity &core = step.cores[c];
    if (shape.timed) {
      pulse(cores[c].send, step.startPs, core.sendPs);
      pulse(cores[c].receive, step.startPs, core.receivePs);
    }
    set(step.startPs, cores[c].spikes, core.spikes);
    set(step.startPs, cores[c].messages, core.messagesIn);
    set(step.startPs, cores[c].events, core.synapticEvents);
  }
  for (size_t l = 0; l < links.size(); ++l)
    set(step.startPs, links[l], step.linkMessages[l]);
  endPs = step.startPs + step.workPs + step.barrierPs;
  // The changes at the very end wait for those of the next step.
  std::vector<Change> later;
  for (const Change &change : changes)
    if (change.ps >= endPs)
      later.push_back(change);
  std::erase_if(changes,
                [&](const Change &change) { return change.ps >= endPs; });
  writeChanges();
  changes = std::move(later);
  return file->flush();
}

Error Waves::finish() {
  for (const CoreSignals &core : cores)
    for (size_t signal : {core.spikes, core.messages, core.events})
      set(endPs, signal, 0);
  for (size_t link : links)
    set(endPs, link, 0);
  writeChanges();
  return file->finish(endPs);
}

} // namespace

Expected<std::unique_ptr<TraceFile>> createWaves(std::unique_ptr<WaveFile> file,
                                                 const TraceShape &shape) {
  auto waves = std::make_unique<Waves>(std::move(file), shape);
  if (Error error = waves->describe())
    return std::move(error);
  return std::unique_ptr<TraceFile>(std::move(waves));
}

} // namespace hillock::emu
