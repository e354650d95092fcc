//===- runtime/devices/odin/EmulatedPins.cpp -----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/FastModel.h"
#include "runtime/devices/odin/Pins.h"
#include <random>

namespace hillock::runtime::odin {

namespace {

using namespace emu::odin;

class EmulatedPins final : public Pins {
public:
  EmulatedPins(const ChipState &initial, Speed speed) : speed(speed) {
    start(initial);
  }

  void reset() override {
    const ChipState before = model->state();
    ChipState state(before.chip);
    state.registers = before.registers;
    state.tinyNeurons = before.tinyNeurons;
    state.odinNeurons = before.odinNeurons;
    state.synapses = before.synapses;
    state.up = before.up;
    state.down = before.down;
    start(state);
  }

  uint64_t clock(const InputPins &inputs, uint64_t edges) override {
    // The model stops when it is at rest as well; a host cannot see that.
    const ChipState &s = model->state();
    const bool ack = s.aerInAck(), req = s.aerOut.request();
    uint64_t passed = 0;
    while (passed < edges && s.aerInAck() == ack && s.aerOut.request() == req)
      passed += model->advance(inputs, edges - passed);
    return passed;
  }

  OutputPins outputs() const override {
    const ChipState &s = model->state();
    return {s.aerInAck(), s.aerOut.request(), s.aerOut.address(), s.spi.miso()};
  }
  uint64_t cycle() const override { return model->cycles(); }
  unsigned shiftBits(const InputPins &inputs, uint64_t frame, unsigned bit,
                     unsigned number, uint64_t half) override {
    return model->shiftBits(inputs, frame, bit, number, half);
  }
  const emu::odin::Work *work() const override { return &model->work(); }

private:
  void start(const ChipState &state) {
    if (speed == Speed::Events)
      model = std::make_unique<FastModel>(state, nullptr);
    else
      model = std::make_unique<EdgeModel>(state, nullptr);
  }

  Speed speed;
  std::unique_ptr<EdgeModel> model;
};

void randomize(ChipState &state, uint64_t seed) {
  std::mt19937_64 engine(seed);
  const auto word = [&] { return static_cast<uint32_t>(engine() >> 32); };
  for (uint32_t &neuron : state.tinyNeurons)
    neuron = word();
  for (Word128 &neuron : state.odinNeurons)
    neuron = {engine(), engine()};
  for (uint32_t &synapses : state.synapses)
    synapses = word();
  for (unsigned i = 0; i < kNeurons / 8; ++i) {
    state.up[i] = static_cast<uint8_t>(word());
    state.down[i] = static_cast<uint8_t>(word());
  }
  for (uint32_t address = 0; address < 26; ++address)
    state.registers.write(state.chip, address, word());
}

} // namespace

std::unique_ptr<Pins> emulatedPins(Chip chip, Speed speed,
                                   uint64_t powerUpSeed) {
  auto state = std::make_unique<ChipState>(chip);
  if (powerUpSeed)
    randomize(*state, powerUpSeed);
  return std::make_unique<EmulatedPins>(*state, speed);
}

} // namespace hillock::runtime::odin
