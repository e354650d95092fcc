//===- tests/differential/Random.cpp - Networks by chance -----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mostly networks that live: values of parameters from the ranges in which
// their models fire. Some of anything, because engines must agree on nonsense
// as well.
//
//===----------------------------------------------------------------------===//
#include "runtime/programs/LibraryPrograms.h"
#include "tests/differential/Spec.h"
#include <algorithm>
#include <random>

namespace hillock::differential {

namespace {

class Dice {
public:
  explicit Dice(uint64_t seed) : engine(seed) {}
  /// 0 .. n - 1.
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(engine() % n); }
  int32_t within(int32_t low, int32_t high) {
    return low + static_cast<int32_t>(
                     below(static_cast<uint32_t>(int64_t(high) - low + 1)));
  }
  bool one(uint32_t in) { return below(in) == 0; }
  int32_t anything() {
    static const int32_t corners[] = {0,         1,          -1,     INT32_MIN,
                                      INT32_MAX, 4096,       -4096,  1 << 23,
                                      31,        -(1 << 23), 131071, 64};
    switch (below(3)) {
    case 0:
      return corners[below(sizeof(corners) / sizeof(corners[0]))];
    case 1:
      return within(-300, 300);
    default:
      return static_cast<int32_t>(engine());
    }
  }

private:
  std::mt19937_64 engine;
};

struct Range {
  const char *name;
  int32_t low, high;
};

/// Where models fire when weights are a few thousand.
constexpr Range ranges[] = {
    {"factor_u", 2000, 4096},  {"factor_v", 3000, 4096},
    {"decay_u", 0, 1500},      {"decay_v", 0, 800},
    {"bias", -300, 3000},      {"bias_mant", -60, 400},
    {"bias_exp", 0, 5},        {"vth_hi", 1, 2000},
    {"vth_lo", -2000, -1},     {"v_reset", -3000, 3000},
    {"reset_mode", 0, 1},      {"refract_delay", 1, 5},
    {"spike_exp", 0, 7},       {"state_exp", 0, 7},
    {"cum_error", 0, 1},       {"relu", 0, 1},
    {"reset_interval", 1, 20}, {"reset_offset", 0, 20},
    {"pos_vm_limit", 5, 7},    {"neg_vm_limit", 10, 23},
    {"ds_offset", 0, 1},       {"dm_offset", 0, 1},
    {"weight_exp", 0, 6},      {"sin_decay", -2500, 2500},
    {"cos_decay", 1500, 4000}, {"thr", 1, 100},
    {"leak_en", 0, 1},         {"ca_en", 0, 1},
};

/// Of models that shift the threshold up, and of those that do not.
Range thresholdRange(const std::string &model) {
  if (model == "if" || model.starts_with("cuba") || model == "lif")
    return {"vth", 64, 30000};
  if (model.starts_with("graded"))
    return {"vth", 0, 4000};
  return {"vth", 1, 300};
}

int32_t sensible(Dice &dice, const std::string &model,
                 const std::string &name) {
  Range range{"", 0, 127};
  for (const Range &known : ranges)
    if (name == known.name)
      range = known;
  if (name == "vth")
    range = thresholdRange(model);
  return dice.within(range.low, range.high);
}

void drawNeurons(Dice &dice, Core &core, const image::Program &program) {
  const bool wild = dice.one(8);
  for (const std::string &name : program.params) {
    const bool same = dice.one(2);
    Values &values = core.params[name];
    for (uint32_t n = 0; n < core.compartments; ++n)
      values.push_back(same && n > 0 ? values[0]
                       : wild && dice.one(3)
                           ? dice.anything()
                           : sensible(dice, core.model, name));
    // Fields of a core's configuration have one value.
    if (fuzzTarget().field(proto::CORE_CONFIG, name))
      std::fill(values.begin(), values.end(), values[0]);
  }
  for (const image::Program::State &state : program.states)
    if (dice.one(3))
      for (uint32_t n = 0; n < core.compartments; ++n)
        core.states[state.name].push_back(wild ? dice.anything()
                                               : dice.within(-2000, 2000));
}

void drawRows(Dice &dice, Core &core) {
  const uint32_t longest = dice.one(6) ? 62 : 1 + dice.below(7);
  const bool delays = dice.one(2), narrow = dice.one(2);
  const uint32_t rows = 1 + dice.below(10);
  core.exponentOnSum = dice.one(4);
  // On the sum there is one exponent for all, in the neuron.
  const int32_t shared = dice.within(-2, 2);
  for (uint32_t r = 0; r < rows; ++r) {
    Row &row = core.rows.emplace_back();
    row.exponent = core.exponentOnSum ? shared : dice.within(-4, 3);
    const bool dense = dice.one(2), sameWeight = dice.one(5);
    const bool mixed = dice.one(2);
    const uint32_t delay = dice.below(longest + 1);
    const uint32_t count = dice.below(core.compartments + 1);
    for (uint32_t s = 0; s < count; ++s) {
      Synapse synapse;
      synapse.target = dense ? s : dice.below(core.compartments);
      synapse.mantissa = dice.within(-90, 160);
      if (!narrow)
        synapse.mantissa = dice.within(-255, 255);
      if (sameWeight && s > 0)
        synapse.mantissa = row.synapses[0].mantissa;
      if (delays)
        synapse.delay = mixed ? dice.below(longest + 1) : delay;
      row.synapses.push_back(synapse);
    }
  }
}

void drawAxons(Dice &dice, Core &core) {
  const auto rows = static_cast<uint32_t>(core.rows.size());
  for (uint32_t a = 1 + dice.below(8); a > 0; --a) {
    Axon axon;
    axon.firstRow = dice.below(rows);
    axon.rows = 1 + dice.below(std::min(rows - axon.firstRow, 4u));
    uint32_t highest = 0;
    for (uint32_t r = 0; r < axon.rows; ++r)
      for (const Synapse &synapse : core.rows[axon.firstRow + r].synapses)
        highest = std::max(highest, synapse.target);
    axon.base = dice.below(core.compartments - highest);
    core.axons.push_back(axon);
  }
}

void connect(Dice &dice, Spec &spec) {
  const auto cores = static_cast<uint32_t>(spec.cores.size());
  const uint32_t fanout = 1 + dice.below(5);
  for (Core &core : spec.cores)
    for (uint32_t n = 0; n < core.compartments; ++n)
      for (uint32_t k = dice.below(fanout + 1); k > 0; --k) {
        Slot slot;
        slot.compartment = n;
        slot.core = dice.below(cores);
        const Core &to = spec.cores[slot.core];
        slot.axon = dice.below(static_cast<uint32_t>(to.axons.size()));
        slot.atom = dice.below(to.axons[slot.axon].rows);
        core.slots.push_back(slot);
      }
}

void drawHost(Dice &dice, Spec &spec) {
  const uint32_t busy = 1 + dice.below(8);
  for (uint32_t step = 1; step <= spec.steps; ++step)
    for (uint32_t k = dice.below(busy + 1); k > 0; --k) {
      HostEvent event;
      event.step = step;
      event.core = dice.below(static_cast<uint32_t>(spec.cores.size()));
      const Core &core = spec.cores[event.core];
      event.axon = dice.below(static_cast<uint32_t>(core.axons.size()));
      event.atom = dice.below(core.axons[event.axon].rows);
      event.value = dice.one(4) ? dice.within(-60, 60) : 1;
      if (dice.one(5)) {
        auto program = runtime::libraryProgram(core.model);
        event.direct = true;
        event.compartment = dice.below(core.compartments);
        event.port = program ? dice.below(program->ports) : 0;
        llvm::consumeError(program.takeError());
        event.value = dice.one(8) ? dice.anything() : dice.within(-9000, 30000);
      }
      spec.host.push_back(event);
    }
}

} // namespace

Spec randomSpec(uint64_t seed) {
  Dice dice(seed);
  Spec spec;
  spec.seed = dice.one(2) ? 0 : seed;
  spec.steps = 4 + dice.below(28);
  const std::vector<std::string> models = runtime::libraryProgramNames();
  const uint32_t cores = 1 + dice.below(6), chips = 1 + dice.below(3);
  const bool oneModel = dice.one(3);
  std::string model = models[dice.below(static_cast<uint32_t>(models.size()))];
  for (uint32_t c = 0; c < cores; ++c) {
    Core core;
    core.chip = c * chips / cores;
    core.core = c * 5 % 128;
    if (!oneModel)
      model = models[dice.below(static_cast<uint32_t>(models.size()))];
    core.model = model;
    // Around the widths of vectors, and now and then more than a block.
    core.compartments = dice.one(40)  ? 200 + dice.below(56)
                        : dice.one(4) ? 14 + dice.below(6)
                                      : 1 + dice.below(40);
    auto program = runtime::libraryProgram(model);
    if (!program) {
      llvm::consumeError(program.takeError());
      continue;
    }
    drawNeurons(dice, core, *program);
    drawRows(dice, core);
    drawAxons(dice, core);
    spec.cores.push_back(std::move(core));
  }
  connect(dice, spec);
  drawHost(dice, spec);
  return spec;
}

} // namespace hillock::differential
