//===- backends/odin/OdinConfig.h - What programs one chip ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All that a host must know to run a network on ODIN or tinyODIN: values of the
// configuration registers, words of both memories, and what spikes of the
// network are on the AER pins. The compiler writes it; board formats, devices
// and the inspector read it. Bit positions are those of the documentation in
// ChFrenkel/ODIN and ChFrenkel/tinyODIN, see also emulator/odin/Neuron.h.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_ODIN_ODINCONFIG_H
#define HILLOCK_BACKENDS_ODIN_ODINCONFIG_H

#include "emulator/odin/Chip.h"
#include "emulator/odin/Synapse.h"
#include "emulator/odin/Word128.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace hillock::odin {

using emu::odin::Chip;
using emu::odin::kNeurons;
using emu::odin::kSynapseWords;
using emu::odin::Registers;
using emu::odin::Word128;

/// "tinyodin" or "odin", the names of the targets.
llvm::StringRef chipName(Chip chip);
/// Entries of the scheduler's queue.
constexpr unsigned fifoDepth(Chip chip) {
  return chip == Chip::Tiny ? 128 : 32;
}

//===----------------------------------------------------------------------===//
// Neurons
//===----------------------------------------------------------------------===//

/// A field of a neuron's word.
struct Field {
  const char *name;
  uint8_t low, bits;
  bool isSigned = false;
  bool isState = false; ///< changed by the chip; else a parameter
};

enum class NeuronKind : uint8_t { Tiny, Lif, Izhikevich };
llvm::StringRef kindName(NeuronKind kind);
/// ODIN: bit 0 of the word chooses.
NeuronKind neuronKind(Chip chip, const Word128 &word);
/// All fields from the lowest bit on, the disable bit ("disable") last.
llvm::ArrayRef<Field> neuronFields(NeuronKind kind);
/// Null when there is no such field.
const Field *findField(NeuronKind kind, llvm::StringRef name);
int getField(const Word128 &word, const Field &field);
/// \p value must be in the field's range.
void setField(Word128 &word, const Field &field, int value);

/// tinyODIN's neuron: 12 bits signed, saturating; the leak goes towards 0.
struct TinyParams {
  int potential = 0;      ///< -2048..2047
  unsigned threshold = 1; ///< 1..2047; 0 fires always, 2048.. never
  unsigned leak = 0;      ///< 0..127, taken at each time reference
  bool disabled = false;
  bool operator==(const TinyParams &) const = default;
};
Word128 encode(const TinyParams &params);
TinyParams decodeTiny(const Word128 &word);

/// ODIN's LIF neuron: 8 bits unsigned that stop at 0 and 255.
struct LifParams {
  unsigned potential = 0; ///< 0..255
  unsigned threshold = 1; ///< 1..255; 0 fires always
  unsigned leak = 0;      ///< 0..127
  bool leakEnabled = false;
  // Spike-driven plasticity; only with calciumEnabled.
  bool calciumEnabled = false;
  unsigned thetaMem = 0, theta1 = 0, theta2 = 0, theta3 = 0;
  unsigned calciumLeak = 0;
  unsigned calcium = 0, calciumLeakCount = 0;
  bool disabled = false;
  bool operator==(const LifParams &) const = default;
};
Word128 encode(const LifParams &params);
LifParams decodeLif(const Word128 &word);

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

/// tinyODIN 4, ODIN 26; addresses count from 0.
unsigned registerCount(Chip chip);
/// The name in the chip's documentation; SPI_SYN_SIGN has 16 addresses.
std::string registerName(Chip chip, unsigned address);
unsigned registerBits(Chip chip, unsigned address);
/// The data of the SPI frame that gives the register its value in \p registers.
uint32_t registerValue(Chip chip, const Registers &registers, unsigned address);

//===----------------------------------------------------------------------===//
// Spikes on the pins
//===----------------------------------------------------------------------===//

/// One event that the host sends.
struct HostEvent {
  enum class Kind : uint8_t {
    Neuron,  ///< a spike of source \p address: a sweep over its row
    Virtual, ///< \p weight straight to neuron \p address
  };
  Kind kind = Kind::Neuron;
  uint8_t address = 0;
  /// Virtual: tinyODIN -8..7, address 0..15; ODIN -7..7. Never 0: the chips
  /// take such an event for a spike.
  int8_t weight = 0;
  bool operator==(const HostEvent &) const = default;
};
/// The value at AERIN_ADDR.
uint32_t aerCode(Chip chip, HostEvent event);
/// The value that asks for a leak of all neurons.
constexpr uint32_t aerLeakAll(Chip chip) {
  return chip == Chip::Tiny ? 0x1FF : 0x7F;
}

/// An input of the network. Neuron n spikes: the host sends events
/// first[n] .. first[n + 1] - 1, in this order.
struct InputPort {
  std::string name;
  std::vector<uint32_t> shape;
  std::vector<uint32_t> first;
  std::vector<HostEvent> events;
  bool operator==(const InputPort &) const = default;
};

/// An output: neuron n of the network is neuron[n] of the chip, whose address
/// leaves through AEROUT_ADDR with each of its spikes.
struct OutputPort {
  std::string name;
  std::vector<uint32_t> shape;
  std::vector<uint8_t> neuron;
  bool operator==(const OutputPort &) const = default;
};

/// One time step: the host sends the events of everyStep, then those of the
/// inputs (port by port, neuron by neuron), and lets the chip come to rest
/// after each of them; at the end it sends the time reference if leak is set.
/// Every spike of every neuron (also hidden ones) leaves the chip, so the host
/// knows how many events wait inside, and with maxSweepCycles() how long the
/// chip needs for them: no output for that long means rest.
struct IoMap {
  std::vector<InputPort> inputs;
  std::vector<OutputPort> outputs;
  std::vector<HostEvent> everyStep; ///< biases
  bool leak = false;                ///< a time reference ends each step
  double stepSeconds = 0;           ///< of the network; 0: unknown
  /// So many time references, sent while the chip is at rest, bring every
  /// potential back to the beginning of a run; 0: rewrite the neurons by SPI.
  unsigned clearReferences = 0;
  bool operator==(const IoMap &) const = default;
};

struct ChipConfig {
  explicit ChipConfig(Chip ofChip) : chip(ofChip) {}

  Chip chip;
  /// As they are while the network runs (gate and open loop off).
  Registers registers;
  /// tinyODIN: the lowest 32 bits.
  std::array<Word128, kNeurons> neurons{};
  /// Words {source, target / 8} of eight synapses, the lowest target lowest.
  std::array<uint32_t, kSynapseWords> synapses{};
  IoMap io;

  /// The four bits: tinyODIN's signed weight; ODIN's mapping bit and weight.
  unsigned synapse(unsigned source, unsigned target) const {
    return emu::odin::nibbleOf(synapses[source * 32 + target / 8], target % 8);
  }
  void setSynapse(unsigned source, unsigned target, unsigned code) {
    uint32_t &word = synapses[source * 32 + target / 8];
    word = emu::odin::withNibble(word, target % 8, code);
  }
  bool disabled(unsigned neuron) const;
  void disable(unsigned neuron);
};

/// A chip whose neurons are all disabled (never firing as well) and whose
/// synapses are all 0.
ChipConfig emptyConfig(Chip chip);

/// Cycles of the sweep of one neuron event with the pop, without output
/// spikes, each of which adds 6 cycles and the receiver's delays.
unsigned maxSweepCycles(const ChipConfig &config);

} // namespace hillock::odin

#endif // HILLOCK_BACKENDS_ODIN_ODINCONFIG_H
