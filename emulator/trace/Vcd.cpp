//===- emulator/trace/Vcd.cpp - For waveform viewers ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A value change dump (IEEE Std 1364-2005, clause 18): a scope for each chip
// and core, wires for what is busy, vectors for counts in the step at hand.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "emulator/trace/Trace.h"
#include <algorithm>

namespace hillock::emu {

namespace {

class Vcd final : public TraceFile {
public:
  Vcd(AtomicFile file, const TraceShape &shape)
      : file(std::move(file)), shape(shape) {}

  Error describe();
  Error add(const TraceStep &step) override;
  Error finish() override;

private:
  /// A signal: its code in the file and its value.
  struct Signal {
    std::string code;
    uint32_t bits = 1;
    uint64_t value = 0;
  };
  struct CoreSignals {
    size_t send = 0, receive = 0, spikes = 0, messages = 0, events = 0;
  };
  struct Change {
    uint64_t ps;
    size_t signal;
    uint64_t value;
  };

  size_t declare(const std::string &name, uint32_t bits);
  void set(uint64_t ps, size_t signal, uint64_t value) {
    changes.push_back({ps, signal, value});
  }
  void pulse(size_t signal, uint64_t fromPs, uint64_t lengthPs) {
    if (lengthPs == 0)
      return;
    set(fromPs, signal, 1);
    set(fromPs + lengthPs, signal, 0);
  }
  void show(const Signal &signal);
  void writeChanges();
  Error flush();

  AtomicFile file;
  TraceShape shape;
  std::string text;
  std::vector<Signal> signals;
  std::vector<CoreSignals> cores;
  std::vector<size_t> links;
  size_t stepSignal = 0, barrierSignal = 0;
  std::vector<Change> changes;
  uint64_t shownPs = 0, endPs = 0;
};

/// Names of VCD have no blanks.
std::string plainName(std::string name) {
  for (char &c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)))
      c = '_';
  return name;
}

size_t Vcd::declare(const std::string &name, uint32_t bits) {
  // Codes are numbers to the base 94 in the visible characters.
  std::string code;
  for (size_t n = signals.size() + 1; n > 0; n /= 94)
    code += static_cast<char>('!' + n % 94);
  text += "$var " + std::string(bits == 1 ? "wire " : "integer ") +
          std::to_string(bits) + " " + code + " " + name + " $end\n";
  signals.push_back({code, bits, 0});
  return signals.size() - 1;
}

Error Vcd::describe() {
  text = "$comment hillock: " + shape.title +
         (shape.timed ? ", chip time" : ", 1 us a step, no clock") +
         " $end\n$timescale 1 ps $end\n$scope module chip $end\n";
  stepSignal = declare("step", 64);
  if (shape.timed)
    barrierSignal = declare("barrier", 1);
  text += "$upscope $end\n";
  for (size_t c = 0; c < shape.cores.size(); ++c) {
    const TraceShape::Core &core = shape.cores[c];
    if (c == 0 || core.chip != shape.cores[c - 1].chip)
      text += std::string(c == 0 ? "" : "$upscope $end\n") +
              "$scope module chip" + std::to_string(core.chip) + " $end\n";
    text += "$scope module core" + std::to_string(core.core) + " $end\n";
    CoreSignals own;
    if (shape.timed) {
      own.send = declare("send", 1);
      own.receive = declare("receive", 1);
    }
    own.spikes = declare("spikes", 32);
    own.messages = declare("messages_in", 32);
    own.events = declare("synaptic_events", 32);
    cores.push_back(own);
    text += "$upscope $end\n";
  }
  if (!shape.cores.empty())
    text += "$upscope $end\n";
  if (!shape.links.empty()) {
    text += "$scope module links $end\n";
    for (const std::string &link : shape.links)
      links.push_back(declare(plainName(link), 32));
    text += "$upscope $end\n";
  }
  text += "$enddefinitions $end\n#0\n$dumpvars\n";
  for (const Signal &signal : signals)
    show(signal);
  text += "$end\n";
  return flush();
}

void Vcd::show(const Signal &signal) {
  if (signal.bits == 1) {
    text += (signal.value ? '1' : '0') + signal.code + "\n";
    return;
  }
  std::string digits;
  for (uint64_t value = signal.value; value > 0; value /= 2)
    digits += static_cast<char>('0' + value % 2);
  std::reverse(digits.begin(), digits.end());
  text += "b" + (digits.empty() ? "0" : digits) + " " + signal.code + "\n";
}

void Vcd::writeChanges() {
  // A pulse may end where the next begins: the later change of a signal counts.
  std::stable_sort(
      changes.begin(), changes.end(),
      [](const Change &a, const Change &b) { return a.ps < b.ps; });
  for (size_t i = 0; i < changes.size();) {
    const uint64_t ps = changes[i].ps;
    std::vector<size_t> changed;
    for (; i < changes.size() && changes[i].ps == ps; ++i) {
      Signal &signal = signals[changes[i].signal];
      if (signal.value == changes[i].value)
        continue;
      signal.value = changes[i].value;
      changed.push_back(changes[i].signal);
    }
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    if (changed.empty())
      continue;
    if (ps != shownPs)
      text += "#" + std::to_string(ps) + "\n";
    shownPs = ps;
    for (size_t signal : changed)
      show(signals[signal]);
  }
  changes.clear();
}

Error Vcd::add(const TraceStep &step) {
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
  return flush();
}

Error Vcd::flush() {
  if (Error error = file.write(text))
    return error;
  text.clear();
  return Error::success();
}

Error Vcd::finish() {
  for (const CoreSignals &core : cores)
    for (size_t signal : {core.spikes, core.messages, core.events})
      set(endPs, signal, 0);
  for (size_t link : links)
    set(endPs, link, 0);
  writeChanges();
  if (shownPs < endPs)
    text += "#" + std::to_string(endPs) + "\n";
  if (Error error = flush())
    return error;
  return file.commit();
}

} // namespace

Expected<std::unique_ptr<TraceFile>> createVcd(const std::string &path,
                                               const TraceShape &shape) {
  Expected<AtomicFile> file = AtomicFile::create(path);
  if (!file)
    return file.takeError();
  auto vcd = std::make_unique<Vcd>(std::move(*file), shape);
  if (Error error = vcd->describe())
    return std::move(error);
  return std::unique_ptr<TraceFile>(std::move(vcd));
}

} // namespace hillock::emu
