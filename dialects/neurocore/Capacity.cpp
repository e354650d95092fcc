//===- dialects/neurocore/Capacity.cpp - What fits on a core --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neurocore/Capacity.h"
#include "base/Describe.h"
#include "image/Pack.h"
#include <algorithm>

namespace hillock::neurocore {

using image::CoreTables;

namespace {

uint64_t synapseBits(const CoreTables &tables,
                     const target::TargetModel &target, unsigned widest) {
  std::vector<image::SynapseFormat> formats = tables.formats;
  for (image::SynapseFormat &format : formats)
    format.weightBits =
        std::min<uint8_t>(format.weightBits, static_cast<uint8_t>(widest));
  uint64_t bits = 0;
  const image::SynapseRows &rows = tables.rows;
  for (size_t r = 0; r < rows.rows(); ++r)
    if (rows.format[r] < formats.size())
      bits += image::rowBits(formats[rows.format[r]],
                             rows.first[r + 1] - rows.first[r], target);
  return bits;
}

/// What is roughly in proportion to compartments fits with fewer of them.
std::string fewerCompartments(const CoreTables &tables, uint64_t used,
                              uint64_t capacity) {
  if (used <= capacity)
    return {};
  const uint64_t fit = uint64_t{tables.compartments} * capacity / used;
  if (fit == 0)
    return "spread what this core receives over several cores";
  return "put about " + withSeparators(fit) + " instead of " +
         withSeparators(uint64_t{tables.compartments}) +
         " compartments on this core";
}

std::string synapseRemedy(const CoreTables &tables,
                          const target::TargetModel &target, uint64_t used,
                          uint64_t capacity) {
  if (used <= capacity)
    return {};
  std::string remedy = fewerCompartments(tables, used, capacity);
  unsigned widest = 0;
  for (const image::SynapseFormat &format : tables.formats)
    widest = std::max<unsigned>(widest, format.weightBits);
  for (unsigned bits = widest; bits-- > 1;)
    if (target.weightCode(bits) &&
        synapseBits(tables, target, bits) <= capacity)
      return remedy + ", or weights of " + describeCount(bits, "bit") +
             " instead of " + std::to_string(widest);
  return remedy;
}

class Demands {
public:
  Demands(const CoreTables &tables, const target::TargetModel &target)
      : t(tables), target(target) {}

  std::vector<Demand> run() {
    compartments();
    synapses();
    axons();
    delays();
    return std::move(demands);
  }

private:
  void add(proto::Role role, const char *unit, uint64_t used,
           std::string remedy, uint64_t perWord = 1) {
    if (used == 0)
      return;
    const proto::Memory *memory = target.memory(role);
    const uint64_t capacity = target.capacity(role) * perWord;
    demands.push_back({memory ? memory->name() : proto::Role_Name(role), unit,
                       used, capacity, used > capacity ? remedy : ""});
  }
  void compartments() {
    add(proto::COMPARTMENT, "compartments", t.compartments,
        fewerCompartments(t, t.compartments,
                          target.capacity(proto::COMPARTMENT)));
    add(proto::COMPARTMENT_PROFILE, "profiles", t.compartmentProfiles.size(),
        "let neurons share their time constants");
    add(proto::THRESHOLD_PROFILE, "thresholds", t.thresholdProfiles.size(),
        "let neurons share their thresholds");
  }
  void synapses() {
    add(proto::SYNAPSE_FORMAT, "formats", t.formats.size(),
        "put fewer projections on this core or give them one format");
    const proto::Memory *memory = target.memory(proto::SYNAPSE);
    if (!memory)
      return;
    const uint64_t bits = synapseBits(t, target, 16);
    const uint64_t capacity = uint64_t{memory->words()} * memory->word_bits();
    add(proto::SYNAPSE, "bits", bits, synapseRemedy(t, target, bits, capacity),
        memory->word_bits());
  }
  void axons() {
    add(proto::AXON_IN, "input axons", t.axonsIn.size(),
        fewerCompartments(t, t.axonsIn.size(),
                          target.capacity(proto::AXON_IN)));
    const proto::AxonRules &rules = target.proto().axons();
    uint64_t slots = 0;
    for (const image::AxonOut &axon : t.axonsOut)
      slots += axon.type == image::AxonType::Discrete ? rules.slots_discrete()
               : axon.type == image::AxonType::Pop16  ? rules.slots_pop16()
                                                      : rules.slots_pop32();
    add(proto::AXON_OUT, "output slots", slots,
        fewerCompartments(t, slots, target.capacity(proto::AXON_OUT)));
  }
  void delays() {
    const proto::DelayRules &rules = target.proto().delays();
    const auto found = t.config.find("delay_bits");
    const int64_t bits =
        found == t.config.end() ? rules.min_delay_bits() : found->second;
    if (bits < 0 || bits > 16 || t.compartments == 0)
      return;
    const uint64_t used = uint64_t{t.compartments} << bits;
    const uint64_t capacity = rules.accumulator_words();
    std::string remedy = fewerCompartments(t, used, capacity);
    demands.push_back(
        {"accumulators", "words", used, capacity,
         remedy.empty() ? remedy : remedy + ", or use shorter delays"});
  }

  const CoreTables &t;
  const target::TargetModel &target;
  std::vector<Demand> demands;
};

std::string whereOf(const CoreTables &tables,
                    const std::vector<std::string> &layers) {
  std::string where = "core " + std::to_string(tables.core) + " of chip " +
                      std::to_string(tables.chip);
  if (layers.empty())
    return where;
  std::vector<std::string> quoted;
  for (const std::string &layer : layers)
    quoted.push_back("'" + layer + "'");
  return where + ", which holds " + describeList(quoted);
}

} // namespace

std::vector<Demand> demandOf(const CoreTables &tables,
                             const target::TargetModel &target) {
  return Demands(tables, target).run();
}

Error checkDemand(const CoreTables &tables, const target::TargetModel &target,
                  const std::vector<std::string> &layers) {
  std::string what;
  std::vector<std::string> remedies;
  for (const Demand &demand : demandOf(tables, target)) {
    if (demand.used <= demand.capacity)
      continue;
    what += (what.empty() ? "memory '" : "; memory '") + demand.memory +
            "' takes " + withSeparators(demand.used) + " " + demand.unit +
            ", " + withSeparators(demand.used - demand.capacity) +
            " more than the " + withSeparators(demand.capacity) +
            " that there are";
    if (std::find(remedies.begin(), remedies.end(), demand.remedy) ==
        remedies.end())
      remedies.push_back(demand.remedy);
  }
  if (what.empty())
    return Error::success();
  std::string remedy;
  for (const std::string &one : remedies)
    remedy += (remedy.empty() ? "" : "; ") + one;
  return makeError(ErrorKind::Capacity, what, whereOf(tables, layers), remedy);
}

Error checkCore(const CoreTables &tables, const target::TargetModel &target,
                const std::vector<std::string> &layers) {
  if (Error error = checkDemand(tables, target, layers))
    return error;
  Expected<proto::Core> packed = image::pack(tables, target);
  if (packed)
    return Error::success();
  // The packer knows the core's number, but not what lies on it.
  const std::string plain = whereOf(tables, {});
  return llvm::handleErrors(
      packed.takeError(), [&](const Failure &failure) -> Error {
        std::string where = failure.where;
        if (where.rfind(plain, 0) == 0)
          where.replace(0, plain.size(), whereOf(tables, layers));
        return makeError(failure.kind, failure.what, where, failure.remedy);
      });
}

} // namespace hillock::neurocore
