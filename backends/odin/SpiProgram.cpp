//===- backends/odin/SpiProgram.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/odin/SpiProgram.h"
#include <bitset>

namespace hillock::odin {

namespace {

class Writer {
public:
  Writer(const ChipConfig &config, const SpiOptions &options)
      : config(config), options(options), chip(config.chip),
        top(neuronBytes(chip) - 1) {
    findUsed();
  }

  SpiProgram run() {
    section("stop the network, keep spikes out of the scheduler");
    frame(writeRegister(0, 1));
    frame(writeRegister(1, 1));
    section("registers");
    for (unsigned i = 2; i < registerCount(chip); ++i)
      frame(writeRegister(i, registerValue(chip, config.registers, i)));
    section("disable neurons that are not used");
    for (unsigned n = 0; n < kNeurons; ++n)
      if (config.disabled(n))
        frame(writeNeuron(n, top, 0x80, 0x7F));
    section("neurons, from the byte that holds the disable bit on");
    neurons(false);
    section("synapses");
    synapses(false);
    if (options.readback) {
      section("readback of neurons");
      neurons(true);
      section("readback of synapses");
      synapses(true);
    }
    // The flags follow the word from before a write, so one more is needed
    // that changes nothing. They have no reset: a flag of the power-up would
    // let synapses learn.
    if (chip == Chip::Odin) {
      section("learning flags of the final words");
      for (unsigned n = 0; n < kNeurons; ++n)
        frame(writeNeuron(n, top, 0, 0xFF));
    }
    section("release; the controller leaves the last access with it");
    frame(writeRegister(1, config.registers.openLoop));
    frame(writeRegister(0, 0));
    return std::move(program);
  }

private:
  void section(const char *title) {
    program.sections.push_back({title, program.frames.size()});
  }
  void frame(SpiFrame one) { program.frames.push_back(one); }

  void findUsed() {
    for (unsigned n = 0; n < kNeurons; ++n)
      if (!config.disabled(n))
        targets.set(n);
    sources = targets;
    const auto add = [&](const std::vector<HostEvent> &events) {
      for (const HostEvent &event : events)
        if (event.kind == HostEvent::Kind::Neuron)
          sources.set(event.address);
    };
    for (const InputPort &port : config.io.inputs)
      add(port.events);
    add(config.io.everyStep);
    // Without a map of the pins, every row may be meant.
    if (!options.usedOnly ||
        (config.io.inputs.empty() && config.io.everyStep.empty()))
      sources.set();
    if (!options.usedOnly)
      targets.set();
  }

  void neurons(bool read) {
    for (unsigned n = 0; n < kNeurons; ++n) {
      if (!targets[n])
        continue;
      for (unsigned b = top + 1; b-- > 0;)
        frame(read ? readNeuron(n, b)
                   : writeNeuron(n, b, config.neurons[n].byte(b)));
    }
  }
  void synapses(bool read) {
    for (unsigned w = 0; w < kSynapseWords; ++w)
      for (unsigned b = 0; b < 4; ++b) {
        const unsigned target = (w & 31) * 8 + 2 * b;
        if (!sources[w >> 5] || !(targets[target] || targets[target + 1]))
          continue;
        const auto byte = static_cast<uint8_t>(config.synapses[w] >> (8 * b));
        frame(read ? readSynapses(w, b) : writeSynapses(w, b, byte));
      }
  }

  const ChipConfig &config;
  const SpiOptions &options;
  Chip chip;
  unsigned top;
  std::bitset<kNeurons> targets, sources;
  SpiProgram program;
};

} // namespace

SpiProgram programFrames(const ChipConfig &config, const SpiOptions &options) {
  return Writer(config, options).run();
}

Expected<ChipConfig> configOf(const SpiStream &stream, bool fromReadback) {
  if (!stream.cuts.empty())
    return inputError("has " + std::to_string(stream.cuts.front().bits) +
                          " bits, a frame has 40",
                      stream.place(stream.cuts.front().frame),
                      "see hillock inspect --lint");
  SpiState written(stream.chip), shown(stream.chip);
  bool answered = false;
  for (size_t i = 0; i < stream.frames.size(); ++i) {
    const SpiFrame frame = stream.frames[i];
    if (frame.memory() && frame.writes() && !written.stopped())
      return inputError("accesses a memory while the network runs, which the "
                        "chip does not do",
                        stream.place(i), "write 1 to SPI_GATE_ACTIVITY first");
    written.apply(frame);
    if (i < stream.answers.size() && stream.answers[i] >= 0) {
      shown.learn(frame, static_cast<uint8_t>(stream.answers[i]));
      answered = true;
    }
  }
  if (!fromReadback)
    return std::move(written.config);
  if (!answered)
    return inputError("the chip's answers are not in the file", "",
                      "send the frames with a device and keep what it reads");
  shown.config.registers = written.config.registers;
  return std::move(shown.config);
}

} // namespace hillock::odin
