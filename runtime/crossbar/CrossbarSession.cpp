//===- runtime/crossbar/CrossbarSession.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/crossbar/CrossbarSession.h"
#include "backends/odin/OdinImage.h"
#include "backends/odin/SpiProgram.h"
#include "base/Describe.h"
#include <cmath>

namespace hillock::runtime {

using hillock::odin::Chip;
using hillock::odin::ChipConfig;
using hillock::odin::HostEvent;

//===----------------------------------------------------------------------===//
// Programming
//===----------------------------------------------------------------------===//

namespace {

/// The bits of the potential in a byte of the neuron's word.
struct Part {
  unsigned byte = 0;
  uint8_t keep = 0; ///< mask: bits that belong to others
};

} // namespace

std::vector<uint64_t> potentialFrames(const ChipConfig &config) {
  // tinyODIN: bits 11 to 0; ODIN's LIF: bits 77 to 70. High bits first.
  const bool tiny = config.chip == Chip::Tiny;
  const Part high = tiny ? Part{1, 0xF0} : Part{9, 0xC0};
  const Part low = tiny ? Part{0, 0x00} : Part{8, 0x3F};
  std::vector<uint64_t> frames;
  const auto add = [&](hillock::odin::SpiFrame frame) {
    frames.push_back(frame.bits);
  };
  add(hillock::odin::writeRegister(0, 1));
  add(hillock::odin::writeRegister(1, 1));
  for (unsigned n = 0; n < hillock::odin::kNeurons; ++n) {
    if (config.disabled(n))
      continue;
    const auto write = [&](const Part &part, uint8_t value) {
      add(hillock::odin::writeNeuron(
          n, part.byte, static_cast<uint8_t>(value & ~part.keep), part.keep));
    };
    // Every write compares with the threshold, and a potential on its way must
    // not reach it: down to 0 from the low end, up from the high one.
    write(low, 0);
    write(high, 0);
    const hillock::odin::Word128 &word = config.neurons[n];
    if ((word.byte(high.byte) & ~high.keep) != 0)
      write(high, word.byte(high.byte));
    if ((word.byte(low.byte) & ~low.keep) != 0)
      write(low, word.byte(low.byte));
  }
  add(hillock::odin::writeRegister(1, config.registers.openLoop));
  add(hillock::odin::writeRegister(0, 0));
  return frames;
}

Expected<CrossbarSession>
CrossbarSession::open(const proto::Image &image, const std::string &name,
                      const odin::DeviceOptions &options) {
  Expected<ChipConfig> config = hillock::odin::fromImage(image, name);
  if (!config)
    return config.takeError();
  CrossbarSession session;
  session.chip = std::make_unique<ChipConfig>(std::move(*config));
  session.device = odin::Device::create(session.chip->chip, options);
  // Memories of a chip are random after power-up: all of them are written.
  std::vector<uint64_t> frames;
  for (const auto &frame : hillock::odin::programFrames(*session.chip).frames)
    frames.push_back(frame.bits);
  Expected<odin::ProgramResult> result = session.device->program(frames);
  if (!result)
    return result.takeError();
  session.programmed = std::move(*result);
  session.stateFrames = potentialFrames(*session.chip);
  session.place.resize(hillock::odin::kNeurons);
  for (const proto::CrossbarOutput &layer : image.crossbar().population()) {
    for (int i = 0; i < layer.address_size(); ++i)
      session.place[layer.address(i)] = {
          static_cast<int32_t>(session.layers.size()),
          static_cast<uint32_t>(i)};
    session.layers.push_back(
        {layer.name(), {layer.shape().begin(), layer.shape().end()}});
  }
  // Copies of neurons spike with them, and are not the network's.
  for (const proto::Population &population : image.debug().population())
    if (population.kind() == "copy")
      for (Layer &layer : session.layers)
        if (layer.name == population.name())
          layer.name.clear();
  return std::move(session);
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

Error CrossbarSession::clear(CrossbarCost &cost) {
  if (fresh) {
    fresh = false;
    return Error::success();
  }
  if (unsigned count = chip->io.clearReferences) {
    std::vector<odin::Request> leaks(
        count, {hillock::odin::aerLeakAll(chip->chip), true, 0});
    Expected<odin::RunResult> result = device->run(leaks);
    if (!result)
      return result.takeError();
    cost.clearCycles = result->work.cycles;
    return Error::success();
  }
  Expected<odin::ProgramResult> result = device->send(stateFrames);
  if (!result)
    return result.takeError();
  cost.clearCycles = result->cycles;
  cost.clearedBySpi = true;
  return Error::success();
}

Expected<std::vector<odin::Request>>
CrossbarSession::requests(const std::map<std::string, Stimulus> &stimuli,
                          int64_t steps, std::vector<uint32_t> &stepOf,
                          uint64_t &inputSpikes) const {
  std::vector<odin::Request> list;
  const auto add = [&](uint32_t address, int64_t step) {
    list.push_back({address, true, 0});
    stepOf.push_back(static_cast<uint32_t>(step));
  };
  for (int64_t step = 0; step < steps; ++step) {
    for (const HostEvent &event : chip->io.everyStep)
      add(hillock::odin::aerCode(chip->chip, event), step);
    for (const hillock::odin::InputPort &port : chip->io.inputs) {
      auto found = stimuli.find(port.name);
      if (found == stimuli.end() && chip->io.inputs.size() == 1)
        found = stimuli.find("");
      if (found == stimuli.end())
        continue;
      for (const Event &event : found->second.eventsAt(step)) {
        constexpr float most = 1024;
        if (event.neuron + 1 >= port.first.size() || event.value < 0 ||
            event.value > most || event.value != std::floor(event.value))
          return inputError(
              "neuron " + std::to_string(event.neuron) + " has a value of " +
                  std::to_string(event.value) + " in step " +
                  std::to_string(step),
              "input '" + port.name + "'",
              "give the shape of the network's input, and spikes: whole "
              "numbers from 0 to 1024");
        for (int k = 0; k < static_cast<int>(event.value); ++k)
          for (uint32_t i = port.first[event.neuron];
               i < port.first[event.neuron + 1]; ++i)
            add(hillock::odin::aerCode(chip->chip, port.events[i]), step);
        ++inputSpikes;
      }
    }
    if (chip->io.leak)
      add(hillock::odin::aerLeakAll(chip->chip), step);
  }
  return list;
}

namespace {

/// Events of equal neuron and step become one with their number.
void count(SpikeTrain &train, uint32_t step, uint32_t neuron) {
  train.events.push_back({step, neuron, 1});
}

void merge(SpikeTrain &train) {
  std::stable_sort(train.events.begin(), train.events.end(),
                   [](const Event &a, const Event &b) {
                     return std::pair(a.step, a.neuron) <
                            std::pair(b.step, b.neuron);
                   });
  std::vector<Event> merged;
  for (const Event &event : train.events)
    if (!merged.empty() && merged.back().step == event.step &&
        merged.back().neuron == event.neuron)
      merged.back().value += 1;
    else
      merged.push_back(event);
  train.events = std::move(merged);
}

} // namespace

Expected<CrossbarResult>
CrossbarSession::run(const std::map<std::string, Stimulus> &stimuli,
                     int64_t steps) {
  CrossbarResult result;
  result.steps = steps;
  for (const auto &[name, stimulus] : stimuli)
    if (steps == 0)
      result.steps = std::max(result.steps, stimulus.steps);
  std::vector<uint32_t> stepOf;
  auto list = requests(stimuli, result.steps, stepOf, result.inputSpikes);
  if (!list)
    return list.takeError();
  if (Error error = clear(result.cost))
    return std::move(error);
  Expected<odin::RunResult> run = device->run(*list);
  if (!run)
    return run.takeError();
  result.cost.work = run->work;
  result.cost.energy = run->energy;
  result.spikes = run->spikes.size();
  for (const Layer &layer : layers)
    result.populations.push_back({layer.name, layer.shape, result.steps, {}});
  for (const hillock::odin::OutputPort &port : chip->io.outputs)
    result.outputs.push_back(
        {port.name, {port.shape.begin(), port.shape.end()}, result.steps, {}});
  for (const odin::Spike &spike : run->spikes) {
    // All spikes that a request causes come before the next is sent.
    const uint32_t step = spike.requests == 0 ? 0 : stepOf[spike.requests - 1];
    if (const Place at = place[spike.address]; at.layer >= 0)
      count(result.populations[static_cast<size_t>(at.layer)], step, at.neuron);
    for (size_t o = 0; o < chip->io.outputs.size(); ++o) {
      const std::vector<uint8_t> &neurons = chip->io.outputs[o].neuron;
      for (size_t n = 0; n < neurons.size(); ++n)
        if (neurons[n] == spike.address)
          count(result.outputs[o], step, static_cast<uint32_t>(n));
    }
  }
  for (SpikeTrain &train : result.populations)
    merge(train);
  for (SpikeTrain &train : result.outputs)
    merge(train);
  std::erase_if(result.populations,
                [](const SpikeTrain &train) { return train.name.empty(); });
  return result;
}

} // namespace hillock::runtime
