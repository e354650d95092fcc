//===- target/TargetCheck.cpp ---------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "target/TargetCheck.h"
#include "base/Describe.h"
#include <cmath>
#include <set>

namespace hillock::target {

namespace {

// Limits of this program, not of a chip: widths of the types in
// image/CoreTables.h, and sizes up to which tools stay quick.
constexpr uint64_t maxCores = 4096, maxChips = 16384;
constexpr uint64_t maxWords = uint64_t{1} << 24;
constexpr uint32_t maxDelayBits = 16;

class Checker {
public:
  Checker(const proto::Target &target, const std::string &where)
      : target(target), where(where) {}

  Error run();

private:
  void problem(const std::string &what, const std::string &place,
               std::string remedy) {
    std::string full = where;
    if (!place.empty())
      full += full.empty() ? place : ": " + place;
    result = llvm::joinErrors(std::move(result),
                              inputError(what, full, std::move(remedy)));
  }
  /// \p value must be low..high.
  void range(uint64_t value, uint64_t low, uint64_t high,
             const std::string &place) {
    if (value < low || value > high)
      problem("value " + withSeparators(value) + " is not in " +
                  withSeparators(low) + ".." + withSeparators(high),
              place, "give a value in this range");
  }

  void names();
  void mesh();
  void memories();
  void memory(const proto::Memory &memory);
  void field(const proto::Field &field, const std::string &place);
  void roles();
  void crossbar();
  void packing();
  void codes(const google::protobuf::RepeatedField<uint32_t> &widths,
             uint32_t most, proto::Role role, const char *field,
             const std::string &place);
  void axons();
  void delays();
  void costs();
  const proto::Memory *find(proto::Role role) const {
    for (const proto::Memory &memory : target.memory())
      if (memory.role() == role)
        return &memory;
    return nullptr;
  }

  const proto::Target &target;
  const std::string &where;
  Error result = Error::success();
};

Error Checker::run() {
  names();
  mesh();
  memories();
  if (target.has_crossbar()) {
    crossbar();
  } else {
    roles();
    packing();
    axons();
    delays();
  }
  costs();
  return std::move(result);
}

void Checker::names() {
  if (target.name().empty())
    problem("the target has no name", "name", "add name: \"...\"");
  if (target.quantizer() != "loihi" && target.quantizer() != "odin" &&
      target.quantizer() != "none")
    problem("unknown quantizer '" + target.quantizer() + "'", "quantizer",
            "write \"loihi\", \"odin\" or \"none\"");
  if ((target.quantizer() == "odin") != target.has_crossbar() &&
      target.quantizer() != "none")
    problem("quantizer \"odin\" and a crossbar belong together", "quantizer",
            "describe the crossbar, or choose another quantizer");
  std::set<std::string> seen;
  for (const std::string &program : target.neuron_program())
    if (program.empty() || !seen.insert(program).second)
      problem("neuron program '" + program + "' is empty or listed twice",
              "neuron_program", "list each program once");
}

void Checker::mesh() {
  const proto::Mesh &m = target.mesh();
  const auto positive = [&](uint32_t value, const char *name) {
    range(value, 1, maxChips, std::string("mesh, ") + name);
    return value >= 1 && value <= maxChips;
  };
  const bool tilesX = positive(m.tiles_x(), "tiles_x");
  const bool tilesY = positive(m.tiles_y(), "tiles_y");
  const bool cores = positive(m.cores_per_tile(), "cores_per_tile");
  const bool chipsX = positive(m.max_chips_x(), "max_chips_x");
  const bool chipsY = positive(m.max_chips_y(), "max_chips_y");
  // Each factor is at most 2^14, so that the products fit 64 bits.
  if (tilesX && tilesY && cores)
    range(uint64_t{m.tiles_x()} * m.tiles_y() * m.cores_per_tile(), 1, maxCores,
          "mesh, cores of a chip");
  if (chipsX && chipsY)
    range(uint64_t{m.max_chips_x()} * m.max_chips_y(), 1, maxChips,
          "mesh, chips");
}

void Checker::memories() {
  std::set<std::string> seen;
  std::set<int> rolesSeen;
  for (const proto::Memory &m : target.memory()) {
    const std::string place = "memory '" + m.name() + "'";
    if (m.name().empty() || !seen.insert(m.name()).second)
      problem("the memory's name is empty or used twice", place,
              "give every memory a name of its own");
    if (m.role() == proto::ROLE_UNKNOWN)
      problem("the memory has no role", place, "add role: ...");
    else if (!rolesSeen.insert(m.role()).second)
      problem("a second memory with role " + proto::Role_Name(m.role()), place,
              "keep one memory for each role");
    memory(m);
  }
}

void Checker::memory(const proto::Memory &m) {
  const std::string place = "memory '" + m.name() + "'";
  range(m.words(), 1, maxWords, place + ", words");
  const bool wide =
      m.role() == proto::NEURON || m.role() == proto::NEURON_OTHER;
  range(m.word_bits(), 1, wide ? 128 : 64, place + ", word_bits");
  if (m.first_reserved() && m.role() != proto::SYNAPSE_FORMAT)
    problem("first_reserved is only for synapse formats", place,
            "remove first_reserved");
  uint64_t sum = 0;
  std::set<std::string> seen;
  for (const proto::Field &f : m.field()) {
    const std::string at = place + ", field '" + f.name() + "'";
    if (f.name().empty() || !seen.insert(f.name()).second)
      problem("the field's name is empty or used twice", at,
              "give every field of a memory a name of its own");
    field(f, at);
    sum += f.bits();
  }
  if (sum > m.word_bits())
    problem("fields take " + withSeparators(sum) + " bits, but a word has " +
                withSeparators(uint64_t{m.word_bits()}),
            place, "widen word_bits (at most 64) or narrow a field");
  const bool isStream = m.role() == proto::SYNAPSE;
  if (isStream && m.field_size() > 0)
    problem("the synapse memory is a bit stream and has no fields", place,
            "remove the fields; synapse_packing describes the layout");
  for (const std::string &name : requiredFields(m.role()))
    if (!seen.count(name))
      problem("field '" + name + "' is missing", place,
              "add field { name: \"" + name + "\" bits: ... }");
}

void Checker::field(const proto::Field &f, const std::string &place) {
  range(f.bits(), 1, 64, place + ", bits");
  if (f.bits() < 1 || f.bits() > 64)
    return;
  if (f.bits() == 64 && !f.is_signed())
    problem("an unsigned field has at most 63 bits", place,
            "narrow the field or add is_signed: true");
  const bool wide = f.bits() >= 63 + (f.is_signed() ? 1 : 0);
  const int64_t half = int64_t{1} << (wide ? 62 : f.bits() - 1);
  const int64_t low = !f.is_signed() ? 0 : wide ? INT64_MIN : -half;
  const int64_t high = wide            ? INT64_MAX
                       : f.is_signed() ? half - 1
                                       : half - 1 + half;
  const int64_t min = f.has_min() ? f.min() : low;
  const int64_t max = f.has_max() ? f.max() : high;
  if (min < low || max > high || min > max)
    problem("the bounds " + std::to_string(min) + ".." + std::to_string(max) +
                " do not lie in what the field holds, " + std::to_string(low) +
                ".." + std::to_string(high),
            place, "correct min, max, bits or is_signed");
}

void Checker::roles() {
  for (proto::Role role :
       {proto::COMPARTMENT, proto::COMPARTMENT_PROFILE,
        proto::THRESHOLD_PROFILE, proto::SYNAPSE_FORMAT, proto::SYNAPSE,
        proto::AXON_IN, proto::AXON_OUT, proto::CORE_CONFIG})
    if (!find(role))
      problem("no memory has role " + proto::Role_Name(role), "memory",
              "add memory { role: " + proto::Role_Name(role) + " ... }");
  const auto atMost = [&](proto::Role role, uint64_t words) {
    if (const proto::Memory *m = find(role))
      range(m->words(), 1, words, "memory '" + m->name() + "', words");
  };
  // Indices into these are 8 or 16 bits wide in the tools' own tables.
  atMost(proto::COMPARTMENT, 65536);
  atMost(proto::COMPARTMENT_PROFILE, 256);
  atMost(proto::THRESHOLD_PROFILE, 256);
  atMost(proto::SYNAPSE_FORMAT, 256);
  atMost(proto::AXON_IN, 65536);
  atMost(proto::CORE_CONFIG, 1);
  const proto::Memory *state = find(proto::COMPARTMENT_STATE);
  const proto::Memory *own = find(proto::COMPARTMENT);
  if (state && own && state->words() != own->words())
    problem("it has " + withSeparators(uint64_t{state->words()}) +
                " words for " + withSeparators(uint64_t{own->words()}) +
                " compartments",
            "memory '" + state->name() + "'", "give it a word a compartment");
  for (const proto::Memory *m : {own, state})
    for (int i = 0; m && i < m->field_size(); ++i)
      if (m->field(i).bits() > (m->field(i).is_signed() ? 32u : 31u))
        problem("a value of a compartment is at most 32 bits wide, sign "
                "included",
                "memory '" + m->name() + "', field '" + m->field(i).name() +
                    "'",
                "narrow the field");
}

void Checker::crossbar() {
  const proto::CrossbarRules &c = target.crossbar();
  const std::string place = "crossbar";
  range(c.sources(), 1, 256, place + ", sources");
  range(c.neurons(), 1, 256, place + ", neurons");
  range(c.queue(), 1, 65536, place + ", queue");
  range(c.threshold_max(), 1, 65535, place + ", threshold_max");
  range(c.virtual_neurons(), 0, 256, place + ", virtual_neurons");
  range(c.cycles_per_neuron(), 1, 1024, place + ", cycles_per_neuron");
  for (const auto &[low, high, name] :
       {std::tuple(c.weight_min(), c.weight_max(), "weight"),
        std::tuple(c.potential_min(), c.potential_max(), "potential")})
    if (low > 0 || high < 1 || low < -65536 || high > 65535)
      problem("a " + std::string(name) + " of " + std::to_string(low) + ".." +
                  std::to_string(high) + " has no 0, no 1 or over 16 bits",
              place, "correct " + std::string(name) + "_min and _max");
  for (proto::Role role : {proto::NEURON, proto::CROSSBAR})
    if (!find(role))
      problem("no memory has role " + proto::Role_Name(role), "memory",
              "add memory { role: " + proto::Role_Name(role) + " ... }");
  std::set<uint32_t> taken;
  for (const proto::ConfigRegister &r : c.register_()) {
    const std::string at = place + ", register '" + r.name() + "'";
    range(r.bits(), 1, 32, at + ", bits");
    range(r.count(), 1, 256, at + ", count");
    for (uint32_t i = 0; i < std::min(r.count(), 256u); ++i)
      if (!taken.insert(r.address() + i).second)
        problem("its address is used twice", at, "correct the address");
  }
}

void Checker::packing() {
  const proto::SynapsePacking &p = target.synapse_packing();
  const std::string place = "synapse_packing";
  if (p.word_bits() < 8 || p.word_bits() > 64 || p.word_bits() % 8 != 0)
    problem("word_bits is " + std::to_string(p.word_bits()), place,
            "give a multiple of 8, from 8 to 64");
  const proto::Memory *synapse = find(proto::SYNAPSE);
  if (synapse && synapse->word_bits() != p.word_bits())
    problem("word_bits is " + std::to_string(p.word_bits()) +
                ", but a word of memory '" + synapse->name() + "' has " +
                std::to_string(synapse->word_bits()),
            place, "make both equal");
  range(p.header_format_bits(), 1, 8, place + ", header_format_bits");
  range(p.header_count_bits(), 1, 12, place + ", header_count_bits");
  range(p.group_synapses(), 1,
        uint64_t{1} << std::min(p.header_count_bits(), 12u),
        place + ", group_synapses");
  range(p.weight_field_bits(), 1, 9, place + ", weight_field_bits");
  codes(p.weight_bits_of_code(), 8, proto::SYNAPSE_FORMAT, "weight_bits",
        place + ", weight_bits_of_code");
  codes(p.index_bits_of_code(), 16, proto::SYNAPSE_FORMAT, "index_bits",
        place + ", index_bits_of_code");
  if (p.weight_exponent_min() > p.weight_exponent_max() ||
      p.weight_exponent_min() < -16 || p.weight_exponent_max() > 16)
    problem("weight exponents " + std::to_string(p.weight_exponent_min()) +
                ".." + std::to_string(p.weight_exponent_max()) +
                " are empty or outside -16..16",
            place, "correct weight_exponent_min and weight_exponent_max");
  if (p.weight_exponent_base() < 0 || p.weight_exponent_base() > 16)
    problem("weight_exponent_base " + std::to_string(p.weight_exponent_base()) +
                " is not in 0..16",
            place, "correct weight_exponent_base");
  const proto::Memory *formats = find(proto::SYNAPSE_FORMAT);
  if (formats && p.header_format_bits() <= 8 &&
      formats->words() > (1u << p.header_format_bits()))
    problem("a header of " + std::to_string(p.header_format_bits()) +
                " bits cannot name " + std::to_string(formats->words()) +
                " formats",
            place, "widen header_format_bits");
}

void Checker::codes(const google::protobuf::RepeatedField<uint32_t> &widths,
                    uint32_t most, proto::Role role, const char *fieldName,
                    const std::string &place) {
  std::set<uint32_t> seen;
  for (uint32_t width : widths)
    if (width > most || !seen.insert(width).second)
      problem("width " + std::to_string(width) + " is listed twice or above " +
                  std::to_string(most),
              place, "list each width once");
  if (seen.empty() || (seen.size() == 1 && *seen.begin() == 0))
    problem("no width is listed", place, "list the real width of each code");
  if (const proto::Memory *m = find(role))
    for (const proto::Field &f : m->field())
      if (f.name() == fieldName && f.bits() < 32 &&
          static_cast<uint64_t>(widths.size()) > (uint64_t{1} << f.bits()))
        problem("there are more codes than field '" + f.name() + "' holds",
                place, "widen the field or drop codes");
}

void Checker::axons() {
  const proto::AxonRules &a = target.axons();
  range(a.cx_base_max(), 0, 65535, "axons, cx_base_max");
  range(a.population_cx_base_step(), 1, 256, "axons, population_cx_base_step");
  range(a.pop16_atoms(), 1, 65535, "axons, pop16_atoms");
  range(a.pop32_atoms(), 1, 65535, "axons, pop32_atoms");
  range(a.slots_discrete(), 1, 4, "axons, slots_discrete");
  range(a.slots_pop16(), 1, 4, "axons, slots_pop16");
  range(a.slots_pop32(), 1, 4, "axons, slots_pop32");
  // Type 3 marks the further words of an axon that takes several.
  const bool several =
      a.slots_discrete() > 1 || a.slots_pop16() > 1 || a.slots_pop32() > 1;
  const proto::Memory *out = find(proto::AXON_OUT);
  for (int i = 0; several && out && i < out->field_size(); ++i)
    if (const proto::Field &f = out->field(i);
        f.name() == "type" && (f.bits() < 2 || (f.has_max() && f.max() < 3)))
      problem("axons of several slots need type 3",
              "memory '" + out->name() + "', field 'type'",
              "give the field 2 bits and no max below 3");
}

void Checker::delays() {
  const proto::DelayRules &d = target.delays();
  range(d.max_delay_bits(), 0, maxDelayBits, "delays, max_delay_bits");
  range(d.min_delay_bits(), 0, std::min(d.max_delay_bits(), maxDelayBits),
        "delays, min_delay_bits");
  range(d.accumulator_words(), 1, maxWords, "delays, accumulator_words");
  range(d.headroom(), 0, 255, "delays, headroom");
  const proto::Memory *own = find(proto::COMPARTMENT);
  if (own && d.min_delay_bits() <= maxDelayBits &&
      (uint64_t{own->words()} << d.min_delay_bits()) > d.accumulator_words())
    problem("accumulators for " + withSeparators(uint64_t{own->words()}) +
                " compartments with 2^" + std::to_string(d.min_delay_bits()) +
                " slots do not fit " +
                withSeparators(uint64_t{d.accumulator_words()}) + " words",
            "delays", "raise accumulator_words or lower min_delay_bits");
}

void Checker::costs() {
  std::set<std::string> sets;
  for (const proto::ParameterSet &set : target.timing_and_energy()) {
    const std::string place = "timing_and_energy '" + set.name() + "'";
    if (set.name().empty() || !sets.insert(set.name()).second)
      problem("the set's name is empty or used twice", place,
              "give every set a name of its own");
    if (set.source().text().empty())
      problem("these costs have no source", place,
              "add source { text: \"where the numbers are from\" }");
    std::set<std::string> events;
    for (const proto::Cost &cost : set.cost()) {
      const std::string at = place + ", event '" + cost.event() + "'";
      if (cost.event().empty() || !events.insert(cost.event()).second)
        problem("the event's name is empty or used twice", at,
                "list each event once");
      for (double value : {cost.energy_pj(), cost.latency_ns()})
        if (!std::isfinite(value) || value < 0)
          problem("a cost is negative or not a number", at,
                  "give energy_pj and latency_ns of 0 or more");
    }
  }
}

} // namespace

Error check(const proto::Target &target, const std::string &where) {
  return Checker(target, where).run();
}

std::vector<std::string> requiredFields(proto::Role role) {
  switch (role) {
  case proto::COMPARTMENT:
    return {"cx_profile", "vth_profile", "out_first", "out_count"};
  case proto::SYNAPSE_FORMAT:
    return {"weight_bits", "weight_exp", "fanout_type",
            "compression", "index_bits", "num_synapses"};
  case proto::AXON_IN:
    return {"type", "pointer", "length", "pop_rows", "cx_base"};
  case proto::AXON_OUT:
    return {"type", "chip", "core", "axon", "atom"};
  case proto::CORE_CONFIG:
    return {"compartments", "delay_bits"};
  default:
    return {};
  }
}

} // namespace hillock::target
