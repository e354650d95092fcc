//===- tests/unit/image/Support.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/unit/image/Support.h"
#include <algorithm>

namespace hillock::image {

namespace {

class Generator {
public:
  Generator(uint64_t seed, const target::TargetModel &target, uint32_t scale)
      : random(seed), target(target), scale(scale) {}

  CoreTables run() {
    t.chip = below(target.maxChips());
    t.core = below(target.coresPerChip());
    t.program = below(3);
    t.compartments = 1 + below(scale);
    config();
    profiles();
    formats();
    for (uint32_t blocks = 1 + below(6); blocks > 0; --blocks)
      block();
    outputs();
    return canonical(std::move(t), target);
  }

private:
  uint32_t below(uint64_t bound) {
    return static_cast<uint32_t>(random.below(bound));
  }
  int64_t value(const proto::Field &f) {
    const int64_t size = int64_t{1} << f.bits();
    const int64_t low = f.has_min() ? f.min() : f.is_signed() ? -size / 2 : 0;
    const int64_t high = f.has_max()     ? f.max()
                         : f.is_signed() ? size / 2 - 1
                                         : size - 1;
    return low + static_cast<int64_t>(random.next() %
                                      static_cast<uint64_t>(high - low + 1));
  }
  FieldValues all(proto::Role role) {
    FieldValues values;
    for (const proto::Field &f : target.memory(role)->field())
      values[f.name()] = value(f);
    return values;
  }

  void config() {
    t.config = all(proto::CORE_CONFIG);
    t.config.erase("compartments");
    delayBits = *target.delayBitsFor(below(target.maxDelay(t.compartments) + 1),
                                     t.compartments);
    t.config["delay_bits"] = delayBits;
  }

  void profiles() {
    for (uint32_t n = 1 + below(8); n > 0; --n) {
      t.compartmentProfiles.push_back(all(proto::COMPARTMENT_PROFILE));
      t.thresholdProfiles.push_back(all(proto::THRESHOLD_PROFILE));
    }
    const bool biased = random.bernoulli(0.7), started = random.bernoulli(0.5);
    for (uint32_t c = 0; c < t.compartments; ++c) {
      t.profileOf.push_back(
          static_cast<uint8_t>(below(t.compartmentProfiles.size())));
      t.thresholdOf.push_back(
          static_cast<uint8_t>(below(t.thresholdProfiles.size())));
      for (const char *name : {"bias_mant", "bias_exp"})
        if (biased)
          t.compartmentFields[name].push_back(static_cast<int32_t>(
              value(*target.field(proto::COMPARTMENT, name))));
      for (const char *name : {"u", "v"})
        if (started)
          t.initialState[name].push_back(static_cast<int32_t>(
              value(*target.field(proto::COMPARTMENT_STATE, name))));
    }
  }

  void formats() {
    const uint8_t widths[] = {1, 2, 3, 4, 5, 6, 8};
    for (uint32_t n = 1 + below(7); n > 0; --n) {
      SynapseFormat f;
      f.weightBits = widths[below(7)];
      f.weightExp = static_cast<int8_t>(static_cast<int>(below(16)) - 8);
      f.sign = static_cast<SignMode>(1 + below(3));
      f.compression =
          random.bernoulli(0.5) ? Compression::Dense : Compression::Sparse;
      f.indexBits = static_cast<uint8_t>(6 + below(7));
      f.delayBits = static_cast<uint8_t>(below(7));
      f.tagBits = static_cast<uint8_t>(below(4));
      f.exponentOnSum = random.bernoulli(0.3);
      t.formats.push_back(f);
    }
  }

  /// Rows of equal length and one or two axons that use them.
  void block() {
    const auto number = static_cast<uint8_t>(below(t.formats.size()));
    const SynapseFormat &f = t.formats[number];
    const auto type = static_cast<AxonType>(below(3));
    const proto::AxonRules &rules = target.proto().axons();
    uint32_t base = below(std::min(t.compartments, rules.cx_base_max() + 1));
    if (type != AxonType::Discrete)
      base -= base % rules.population_cx_base_step();
    uint32_t room = t.compartments - base;
    if (f.compression == Compression::Sparse)
      room = std::min(room, 1u << f.indexBits);
    const uint32_t synapses = 1 + below(std::min(room, 200u));
    const uint32_t atoms = type == AxonType::Discrete ? 1
                           : type == AxonType::Pop16  ? rules.pop16_atoms()
                                                      : 100;
    const uint32_t rows = 1 + below(atoms);
    const auto first = static_cast<uint32_t>(t.rows.rows());
    for (uint32_t r = 0; r < rows; ++r)
      row(f, number, synapses, room);
    for (uint32_t n = 1 + below(2); n > 0; --n)
      t.axonsIn.push_back({type, first, static_cast<uint16_t>(rows),
                           static_cast<uint16_t>(base)});
  }

  void row(const SynapseFormat &f, uint8_t number, uint32_t synapses,
           uint32_t room) {
    const int step = 1 << f.shiftBits();
    const uint32_t steps =
        static_cast<uint32_t>((f.maxMantissa() - f.minMantissa()) / step + 1);
    const uint32_t longest =
        std::min((1u << delayBits) > target.proto().delays().headroom()
                     ? (1u << delayBits) - target.proto().delays().headroom()
                     : 0,
                 (1u << f.delayBits) - 1);
    for (uint32_t s = 0; s < synapses; ++s) {
      t.rows.target.push_back(static_cast<uint16_t>(
          f.compression == Compression::Dense ? s : below(room)));
      t.rows.mantissa.push_back(static_cast<int16_t>(
          f.minMantissa() + static_cast<int>(below(steps)) * step));
      t.rows.delay.push_back(static_cast<uint8_t>(below(longest + 1)));
    }
    t.rows.format.push_back(number);
    t.rows.first.push_back(static_cast<uint32_t>(t.rows.target.size()));
  }

  void outputs() {
    for (uint32_t c = 0; c < t.compartments; ++c) {
      for (uint32_t n = below(4); n > 0; --n) {
        const auto type = static_cast<AxonType>(below(3));
        const uint32_t atoms = type == AxonType::Discrete ? 1
                               : type == AxonType::Pop16  ? 32
                                                          : 1000;
        t.axonsOut.push_back(
            {type, below(target.maxChips()), below(target.coresPerChip()),
             static_cast<uint16_t>(below(target.capacity(proto::AXON_IN))),
             static_cast<uint16_t>(below(atoms))});
      }
      t.outFirst.push_back(static_cast<uint32_t>(t.axonsOut.size()));
    }
  }

  CounterRandom random;
  const target::TargetModel &target;
  uint32_t scale, delayBits = 0;
  CoreTables t;
};

} // namespace

CoreTables randomTables(uint64_t seed, const target::TargetModel &target,
                        uint32_t scale) {
  return Generator(seed, target, scale).run();
}

CoreTables smallTables() {
  CoreTables t;
  t.compartments = 2;
  t.formats = {SynapseFormat{}}; // sparse, 8 bits mixed, 10 index bits
  t.rows.first = {0, 2};
  t.rows.format = {0};
  t.rows.target = {0, 1};
  t.rows.mantissa = {-4, 254};
  t.axonsIn = {{AxonType::Discrete, 0, 1, 0}};
  t.outFirst = {0, 1, 2};
  t.axonsOut = {{AxonType::Discrete, 0, 0, 0, 0},
                {AxonType::Discrete, 0, 0, 0, 0}};
  t.compartmentProfiles = {{{"decay_u", 4095}, {"decay_v", 0}}};
  t.thresholdProfiles = {{{"vth", 100}}};
  t.profileOf = {0, 0};
  t.thresholdOf = {0, 0};
  t.config = {{"pos_vm_limit", 7}, {"neg_vm_limit", 23}, {"ds_offset", 1}};
  return t;
}

} // namespace hillock::image
