//===- target/Meaning.cpp -------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "target/Meaning.h"

namespace hillock::target {

namespace {

struct Entry {
  std::string_view field, meaning;
};

// protoc keeps comments out of the compiled schema, hence this table. A test
// walks the schema and fails when a field is missing here.
constexpr Entry entries[] = {
    {"Source.text", "the publication or the file that the number is from"},
    {"Source.note", "what is not known, or is our own choice"},
    {"Target.name", "the name by which the target is chosen"},
    {"Target.summary", "one line for lists"},
    {"Target.mesh", "cores, tiles and chips"},
    {"Target.memory", "the memories that every core has"},
    {"Target.synapse_packing", "how synapses are laid out in their memory"},
    {"Target.axons", "limits of input and output axons"},
    {"Target.delays", "limits of synaptic delays"},
    {"Target.neuron_program",
     "neuron programs of the library that the chip runs; none listed: it is "
     "programmable and takes any"},
    {"Target.quantizer",
     "how a network is brought to the chip's numbers: loihi, odin or none"},
    {"Target.timing_and_energy", "named sets of costs, each with its source"},
    {"Target.source", "publications about the chip"},
    {"Target.crossbar",
     "one full crossbar and a queue of events in place of cores"},
    {"Mesh.tiles_x", "columns of tiles of a chip"},
    {"Mesh.tiles_y", "rows of tiles of a chip"},
    {"Mesh.cores_per_tile", "cores that share a router"},
    {"Mesh.max_chips_x", "chips side by side in the largest system"},
    {"Mesh.max_chips_y", "chips one below the other in the largest system"},
    {"Mesh.source", "where the mesh is described"},
    {"Memory.name", "the name in messages and reports"},
    {"Memory.role", "what the memory is for"},
    {"Memory.words", "number of words"},
    {"Memory.word_bits", "bits of a word, at most 64 (a neuron's word: 128)"},
    {"Memory.field", "the fields of a word, from bit 0 upwards"},
    {"Memory.source", "where size and fields are described"},
    {"Memory.first_reserved", "word 0 exists but cannot be used"},
    {"Field.name", "the name; neuron programs find parameters by it"},
    {"Field.bits", "width, sign included"},
    {"Field.is_signed", "two's complement"},
    {"Field.description", "what the field holds"},
    {"Field.min", "smallest legal value, when above what the width allows"},
    {"Field.max", "largest legal value, when below what the width allows"},
    {"SynapsePacking.word_bits", "a group of synapses ends at such a border"},
    {"SynapsePacking.group_synapses", "at most so many behind one header"},
    {"SynapsePacking.header_format_bits", "bits of the format number"},
    {"SynapsePacking.header_count_bits", "bits of the number of synapses"},
    {"SynapsePacking.weight_bits_of_code",
     "real width of a weight by code, 0 where the code is not usable"},
    {"SynapsePacking.index_bits_of_code",
     "real width of a target index by code"},
    {"SynapsePacking.weight_field_bits",
     "width of a weight's mantissa, sign included"},
    {"SynapsePacking.weight_exponent_min", "smallest exponent of weights"},
    {"SynapsePacking.weight_exponent_max", "largest exponent of weights"},
    {"SynapsePacking.weight_exponent_base",
     "added to the exponent: a weight is mantissa * 2^(base + exponent)"},
    {"SynapsePacking.source", "where the packing is described"},
    {"AxonRules.cx_base_max", "largest first compartment of an input axon"},
    {"AxonRules.population_cx_base_step",
     "the first compartment of a population axon is a multiple of this"},
    {"AxonRules.pop16_atoms", "most rows of a population with 16-bit messages"},
    {"AxonRules.pop32_atoms", "most rows of a population with 32-bit messages"},
    {"AxonRules.slots_discrete", "output words of a discrete axon"},
    {"AxonRules.slots_pop16", "output words of a pop16 axon"},
    {"AxonRules.slots_pop32", "output words of a pop32 axon"},
    {"AxonRules.source", "where the limits are described"},
    {"DelayRules.min_delay_bits",
     "smallest setting; a compartment has 2^delay_bits accumulator slots"},
    {"DelayRules.max_delay_bits", "largest setting"},
    {"DelayRules.accumulator_words", "slots of all compartments of a core"},
    {"DelayRules.headroom", "the largest delay is the slots less this"},
    {"DelayRules.source", "where delays are described"},
    {"CrossbarRules.sources", "source addresses, of neurons and inputs"},
    {"CrossbarRules.neurons", "neurons of the chip"},
    {"CrossbarRules.queue", "events that the scheduler holds"},
    {"CrossbarRules.weight_min", "smallest weight"},
    {"CrossbarRules.weight_max", "largest weight"},
    {"CrossbarRules.sign_of_source",
     "the sign belongs to the source: all its weights share it"},
    {"CrossbarRules.potential_min", "the potential stops there"},
    {"CrossbarRules.potential_max", "the potential stops there"},
    {"CrossbarRules.threshold_max", "largest threshold; the smallest is 1"},
    {"CrossbarRules.leak_max", "most that a time reference takes away"},
    {"CrossbarRules.virtual_neurons",
     "events with a weight of their own reach neurons below this address"},
    {"CrossbarRules.cycles_per_neuron",
     "clock cycles of a neuron event for each neuron that is swept"},
    {"CrossbarRules.cycles_per_sweep",
     "clock cycles of a neuron event besides"},
    {"CrossbarRules.cycles_per_virtual", "clock cycles of a virtual event"},
    {"CrossbarRules.cycles_per_spike",
     "clock cycles for which an output spike stalls the chip, at least"},
    {"CrossbarRules.cycles_per_push",
     "clock cycles that an input event takes before it is processed"},
    {"CrossbarRules.sweep_is_variable",
     "a register says how many neurons are swept; else all are"},
    {"CrossbarRules.register", "configuration registers"},
    {"CrossbarRules.source", "where the crossbar is described"},
    {"ConfigRegister.address", "of its SPI frame"},
    {"ConfigRegister.count",
     "registers of this kind, at consecutive addresses"},
    {"ConfigRegister.name", "the name in the chip's documentation"},
    {"ConfigRegister.bits", "width"},
    {"ConfigRegister.description", "what it does"},
    {"ParameterSet.name", "the name by which the set is chosen"},
    {"ParameterSet.source", "where the numbers are from"},
    {"ParameterSet.cost", "costs by event"},
    {"Cost.event", "what happens"},
    {"Cost.energy_pj", "energy in picojoules"},
    {"Cost.latency_ns", "time in nanoseconds"},
};

} // namespace

std::string meaning(std::string_view fullName) {
  constexpr std::string_view package = "hillock.proto.";
  if (fullName.substr(0, package.size()) == package)
    fullName.remove_prefix(package.size());
  for (const Entry &entry : entries)
    if (entry.field == fullName)
      return std::string(entry.meaning);
  return {};
}

} // namespace hillock::target
