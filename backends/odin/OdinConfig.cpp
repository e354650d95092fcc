//===- backends/odin/OdinConfig.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/odin/OdinConfig.h"

namespace hillock::odin {

llvm::StringRef chipName(Chip chip) {
  return chip == Chip::Tiny ? "tinyodin" : "odin";
}

//===----------------------------------------------------------------------===//
// Neurons
//===----------------------------------------------------------------------===//

// {name, lowest bit, width, signed, state}
static constexpr Field kTinyFields[] = {
    {"core", 0, 12, true, true},
    {"thr", 12, 12},
    {"leak_str", 24, 7},
    {"disable", 31, 1},
};

static constexpr Field kLifFields[] = {
    {"model", 0, 1},
    {"leak_str", 1, 7},
    {"leak_en", 8, 1},
    {"thr", 9, 8},
    {"ca_en", 17, 1},
    {"thetamem", 18, 8},
    {"theta1", 26, 3},
    {"theta2", 29, 3},
    {"theta3", 32, 3},
    {"ca_leak", 35, 5},
    {"core", 70, 8, false, true},
    {"calcium", 78, 3, false, true},
    {"caleak_cnt", 81, 5, false, true},
    {"disable", 127, 1},
};

static constexpr Field kIzhFields[] = {
    {"model", 0, 1},
    {"leak_str", 1, 7},
    {"leak_en", 8, 1},
    {"fi_sel", 9, 3},
    {"spk_ref", 12, 3},
    {"isi_ref", 15, 3},
    {"reson_sharp_en", 18, 1},
    {"thr", 19, 3},
    {"rfr", 22, 3},
    {"dapdel", 25, 3},
    {"spklat_en", 28, 1},
    {"dap_en", 29, 1},
    {"stim_thr", 30, 3},
    {"phasic_en", 33, 1},
    {"mixed_en", 34, 1},
    {"class2_en", 35, 1},
    {"neg_en", 36, 1},
    {"rebound_en", 37, 1},
    {"inhin_en", 38, 1},
    {"bist_en", 39, 1},
    {"reson_en", 40, 1},
    {"thrvar_en", 41, 1},
    {"thr_sel_of", 42, 1},
    {"thrleak", 43, 4},
    {"acc_en", 47, 1},
    {"ca_en", 48, 1},
    {"thetamem", 49, 3},
    {"theta1", 52, 3},
    {"theta2", 55, 3},
    {"theta3", 58, 3},
    {"caleak", 61, 5},
    {"burst_incr", 66, 1},
    {"reson_sharp_amt", 67, 3},
    {"inacc", 70, 11, false, true},
    {"refrac", 81, 1, false, true},
    {"core", 82, 4, true, true},
    {"dapdel_cnt", 86, 3, false, true},
    {"stim_str", 89, 4, true, true},
    {"stim_str_tmp", 93, 4, true, true},
    {"phasic_lock", 97, 1, false, true},
    {"mixed_lock", 98, 1, false, true},
    {"spkout_done", 99, 1, false, true},
    {"stim0_prev", 100, 2, false, true},
    {"inhexc_prev", 102, 2, false, true},
    {"bist_lock", 104, 1, false, true},
    {"inhin_lock", 105, 1, false, true},
    {"reson_sign", 106, 2, false, true},
    {"thrmod", 108, 4, true, true},
    {"thrleak_cnt", 112, 4, false, true},
    {"calcium", 116, 3, false, true},
    {"caleak_cnt", 119, 5, false, true},
    {"burst_lock", 124, 1, false, true},
    {"disable", 127, 1},
};

llvm::StringRef kindName(NeuronKind kind) {
  switch (kind) {
  case NeuronKind::Tiny:
    return "tinyodin_lif";
  case NeuronKind::Lif:
    return "odin_lif";
  case NeuronKind::Izhikevich:
    return "odin_izh";
  }
  return "";
}

NeuronKind neuronKind(Chip chip, const Word128 &word) {
  if (chip == Chip::Tiny)
    return NeuronKind::Tiny;
  return word.bit(0) ? NeuronKind::Lif : NeuronKind::Izhikevich;
}

llvm::ArrayRef<Field> neuronFields(NeuronKind kind) {
  switch (kind) {
  case NeuronKind::Tiny:
    return kTinyFields;
  case NeuronKind::Lif:
    return kLifFields;
  case NeuronKind::Izhikevich:
    return kIzhFields;
  }
  return {};
}

const Field *findField(NeuronKind kind, llvm::StringRef name) {
  for (const Field &field : neuronFields(kind))
    if (name == field.name)
      return &field;
  return nullptr;
}

/// Reads fields that straddle the halves, too (reson_sharp_amt does not, but
/// caleak of the Izhikevich model does).
int getField(const Word128 &word, const Field &field) {
  auto value = static_cast<int>(word.bits(field.low, field.bits));
  if (field.isSigned && (value >> (field.bits - 1)) != 0)
    value -= 1 << field.bits;
  return value;
}

void setField(Word128 &word, const Field &field, int value) {
  auto raw = static_cast<uint32_t>(value) &
             static_cast<uint32_t>((uint64_t(1) << field.bits) - 1);
  unsigned inLow = field.low < 64 && field.low + field.bits > 64
                       ? 64u - field.low
                       : field.bits;
  word.set(field.low, inLow, raw & ((1u << inLow) - 1));
  if (inLow < field.bits)
    word.set(64, field.bits - inLow, raw >> inLow);
}

Word128 encode(const TinyParams &p) {
  Word128 word;
  word.set(0, 12, static_cast<uint32_t>(p.potential) & 0xFFF);
  word.set(12, 12, p.threshold);
  word.set(24, 7, p.leak);
  word.set(31, 1, p.disabled);
  return word;
}

TinyParams decodeTiny(const Word128 &word) {
  TinyParams p;
  p.potential = getField(word, kTinyFields[0]);
  p.threshold = word.bits(12, 12);
  p.leak = word.bits(24, 7);
  p.disabled = word.bit(31);
  return p;
}

Word128 encode(const LifParams &p) {
  Word128 word;
  word.set(0, 1, 1);
  word.set(1, 7, p.leak);
  word.set(8, 1, p.leakEnabled);
  word.set(9, 8, p.threshold);
  word.set(17, 1, p.calciumEnabled);
  word.set(18, 8, p.thetaMem);
  word.set(26, 3, p.theta1);
  word.set(29, 3, p.theta2);
  word.set(32, 3, p.theta3);
  word.set(35, 5, p.calciumLeak);
  word.set(70, 8, p.potential);
  word.set(78, 3, p.calcium);
  word.set(81, 5, p.calciumLeakCount);
  word.set(127, 1, p.disabled);
  return word;
}

LifParams decodeLif(const Word128 &word) {
  LifParams p;
  p.leak = word.bits(1, 7);
  p.leakEnabled = word.bit(8);
  p.threshold = word.bits(9, 8);
  p.calciumEnabled = word.bit(17);
  p.thetaMem = word.bits(18, 8);
  p.theta1 = word.bits(26, 3);
  p.theta2 = word.bits(29, 3);
  p.theta3 = word.bits(32, 3);
  p.calciumLeak = word.bits(35, 5);
  p.potential = word.bits(70, 8);
  p.calcium = word.bits(78, 3);
  p.calciumLeakCount = word.bits(81, 5);
  p.disabled = word.bit(127);
  return p;
}

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

unsigned registerCount(Chip chip) { return chip == Chip::Tiny ? 4 : 26; }

std::string registerName(Chip chip, unsigned address) {
  if (address == 0)
    return "SPI_GATE_ACTIVITY";
  if (address == 1)
    return "SPI_OPEN_LOOP";
  if (chip == Chip::Tiny)
    return address == 2 ? "SPI_AER_SRC_CTRL_nNEUR" : "SPI_MAX_NEUR";
  if (address < 18)
    return "SPI_SYN_SIGN_" + std::to_string(address - 2);
  static constexpr const char *kNames[] = {
      "SPI_BURST_TIMEREF",          "SPI_AER_SRC_CTRL_nNEUR",
      "SPI_OUT_AER_MONITOR_EN",     "SPI_MONITOR_NEUR_ADDR",
      "SPI_MONITOR_SYN_ADDR",       "SPI_UPDATE_UNMAPPED_SYN",
      "SPI_PROPAGATE_UNMAPPED_SYN", "SPI_SDSP_ON_SYN_STIM"};
  return kNames[address - 18];
}

unsigned registerBits(Chip chip, unsigned address) {
  if (chip == Chip::Tiny)
    return address == 3 ? 8 : 1;
  if (address >= 2 && address < 18)
    return 16;
  if (address == 18)
    return 20;
  return address == 21 || address == 22 ? 8 : 1;
}

static uint32_t odinValue(const Registers &r, unsigned address) {
  if (address >= 2 && address < 18) {
    uint32_t value = 0;
    for (unsigned i = 0; i < 16; ++i)
      value |= uint32_t(r.inhibitory[16 * (address - 2) + i]) << i;
    return value;
  }
  switch (address) {
  case 18:
    return r.burstTimeRef;
  case 19:
    return r.aerFromController;
  case 20:
    return r.monitor;
  case 21:
    return r.monitorNeuron;
  case 22:
    return r.monitorSource;
  case 23:
    return r.updateUnmapped;
  case 24:
    return r.propagateUnmapped;
  default:
    return r.learnOnSynapseEvent;
  }
}

uint32_t registerValue(Chip chip, const Registers &r, unsigned address) {
  if (address == 0)
    return r.gateActivity;
  if (address == 1)
    return r.openLoop;
  if (chip == Chip::Tiny)
    return address == 2 ? uint32_t(r.aerFromController) : r.maxNeuron;
  return odinValue(r, address);
}

//===----------------------------------------------------------------------===//
// Pins and the whole chip
//===----------------------------------------------------------------------===//

uint32_t aerCode(Chip chip, HostEvent event) {
  bool isVirtual = event.kind == HostEvent::Kind::Virtual;
  if (chip == Chip::Tiny) {
    if (!isVirtual)
      return event.address;
    return 0x200 | (static_cast<uint32_t>(event.weight) & 15) << 4 |
           (event.address & 15u);
  }
  uint32_t high = static_cast<uint32_t>(event.address) << 8;
  if (!isVirtual)
    return high | 0x07;
  bool inhibitory = event.weight < 0;
  auto magnitude =
      static_cast<uint32_t>(inhibitory ? -event.weight : event.weight);
  return high | (magnitude & 7) << 5 | uint32_t(inhibitory) << 4 | 0x01;
}

static unsigned disableBit(Chip chip) { return chip == Chip::Tiny ? 31 : 127; }

bool ChipConfig::disabled(unsigned neuron) const {
  return neurons[neuron].bit(disableBit(chip));
}

void ChipConfig::disable(unsigned neuron) {
  neurons[neuron].set(disableBit(chip), 1, 1);
}

ChipConfig emptyConfig(Chip chip) {
  ChipConfig config(chip);
  TinyParams tiny;
  tiny.threshold = 0xFFF;
  tiny.disabled = true;
  LifParams lif;
  lif.threshold = 255;
  lif.disabled = true;
  config.neurons.fill(chip == Chip::Tiny ? encode(tiny) : encode(lif));
  config.registers.maxNeuron = kNeurons - 1;
  return config;
}

unsigned maxSweepCycles(const ChipConfig &config) {
  if (config.chip == Chip::Odin)
    return 512;
  return 2 * (config.registers.maxNeuron + 1u) + 1;
}

} // namespace hillock::odin
