//===- image/TableCheck.cpp -----------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/TableCheck.h"
#include "base/Describe.h"
#include <algorithm>
#include <bit>

namespace hillock::image {

std::string coreName(const CoreTables &tables) {
  return "core " + std::to_string(tables.core) + " of chip " +
         std::to_string(tables.chip);
}

namespace {

/// The largest of any run of up to \p longest values, after n log longest
/// preparation. Rows of population axons may overlap at will, so a scan for
/// each axon could take quadratic time.
class RangeMax {
public:
  RangeMax(std::vector<uint32_t> values, size_t longest) {
    levels.push_back(std::move(values));
    for (size_t step = 1; 2 * step <= std::min(levels[0].size(), longest);
         step *= 2) {
      const std::vector<uint32_t> &below = levels.back();
      std::vector<uint32_t> level(levels[0].size() - 2 * step + 1);
      for (size_t i = 0; i < level.size(); ++i)
        level[i] = std::max(below[i], below[i + step]);
      levels.push_back(std::move(level));
    }
  }
  uint32_t of(size_t first, size_t count) const { // count >= 1
    const size_t k = std::bit_width(count) - 1;
    return std::max(levels[k][first],
                    levels[k][first + count - (size_t{1} << k)]);
  }

private:
  std::vector<std::vector<uint32_t>> levels;
};

class TableChecker {
public:
  TableChecker(const CoreTables &tables, const target::TargetModel &target,
               const ErrorKinds &kinds)
      : t(tables), target(target), kinds(kinds) {}

  Error run() {
    if (Error error = compartments())
      return error;
    if (Error error = outputs())
      return error;
    for (size_t i = 0; i < t.formats.size(); ++i)
      if (Error error = format(i))
        return error;
    if (Error error = rowShape())
      return error;
    for (size_t r = 0; r < t.rows.rows(); ++r)
      if (Error error = row(r))
        return error;
    if (Error error = axons())
      return error;
    return delays();
  }

private:
  Error rule(const std::string &what, const std::string &place) const {
    return makeError(kinds.rule, what, coreName(t) + ", " + place,
                     kinds.remedy);
  }
  Error limit(const std::string &what, uint64_t value, uint64_t most,
              const std::string &place, std::string remedy) const {
    return makeError(kinds.limit,
                     withSeparators(value) + " " + what + ", but only " +
                         withSeparators(most) + " are possible",
                     coreName(t) + ", " + place, std::move(remedy));
  }
  static std::string axonName(size_t index) {
    return "input axon " + std::to_string(index);
  }
  std::string memoryName(proto::Role role) const {
    const proto::Memory *memory = target.memory(role);
    return "memory '" + (memory ? memory->name() : proto::Role_Name(role)) +
           "'";
  }
  Error capacity(proto::Role role, uint64_t words, const char *what) const {
    if (words <= target.capacity(role))
      return Error::success();
    return limit(what, words, target.capacity(role), memoryName(role),
                 "spread the network over more cores");
  }

  Error compartments() const;
  Error perCompartment() const;
  Error outputs() const;
  Error output(const AxonOut &axon, size_t index) const;
  Error format(size_t index) const;
  Error rowShape() const;
  Error row(size_t r);
  Error axons() const;
  Error axonRange(const AxonIn &axon, size_t index) const;
  Error delays() const;

  const CoreTables &t;
  const target::TargetModel &target;
  const ErrorKinds &kinds;
  std::vector<uint32_t> lastTarget; // largest target of each row
  uint32_t longestDelay = 0;
};

Error TableChecker::compartments() const {
  if (t.chip >= target.maxChips() || t.core >= target.coresPerChip())
    return rule("the target has " +
                    withSeparators(uint64_t{target.maxChips()}) + " chips of " +
                    withSeparators(uint64_t{target.coresPerChip()}) + " cores",
                "its place");
  if (Error error =
          capacity(proto::COMPARTMENT, t.compartments, "compartments"))
    return error;
  if (Error error = capacity(proto::COMPARTMENT_PROFILE,
                             t.compartmentProfiles.size(), "profiles"))
    return error;
  if (Error error = capacity(proto::THRESHOLD_PROFILE,
                             t.thresholdProfiles.size(), "profiles"))
    return error;
  return perCompartment();
}

Error TableChecker::perCompartment() const {
  const auto profile = [&](const std::vector<uint8_t> &of, size_t count,
                           const char *place) -> Error {
    if (of.size() != t.compartments)
      return rule("there are " + std::to_string(of.size()) + " entries for " +
                      std::to_string(t.compartments) + " compartments",
                  place);
    for (size_t c = 0; c < of.size(); ++c)
      if (of[c] >= count)
        return rule("compartment " + std::to_string(c) + " has profile " +
                        std::to_string(of[c]) + ", but there are " +
                        std::to_string(count),
                    place);
    return Error::success();
  };
  if (Error error = profile(t.profileOf, t.compartmentProfiles.size(),
                            "compartment profiles"))
    return error;
  if (Error error = profile(t.thresholdOf, t.thresholdProfiles.size(),
                            "threshold profiles"))
    return error;
  for (const auto *values : {&t.compartmentFields, &t.initialState})
    for (const auto &[name, list] : *values)
      if (list.size() != t.compartments)
        return rule("there are " + std::to_string(list.size()) +
                        " values for " + std::to_string(t.compartments) +
                        " compartments",
                    "'" + name + "'");
  return Error::success();
}

Error TableChecker::outputs() const {
  const auto bad = [&] {
    return rule("the list of first slots is not a "
                "partition of the slots",
                "output axons");
  };
  if (t.outFirst.size() != size_t{t.compartments} + 1 || t.outFirst[0] != 0 ||
      t.outFirst.back() != t.axonsOut.size() ||
      !std::is_sorted(t.outFirst.begin(), t.outFirst.end()))
    return bad();
  for (size_t i = 0; i < t.axonsOut.size(); ++i)
    if (Error error = output(t.axonsOut[i], i))
      return error;
  return Error::success();
}

Error TableChecker::output(const AxonOut &axon, size_t index) const {
  // Names are made for errors only: large networks have millions of axons.
  const auto wrong = [&](const std::string &what) {
    return rule(what, "output axon " + std::to_string(index));
  };
  if (axon.chip >= target.maxChips() || axon.core >= target.coresPerChip())
    return wrong("it leads to core " + std::to_string(axon.core) + " of chip " +
                 std::to_string(axon.chip) +
                 ", which the target does not have");
  const proto::AxonRules &rules = target.proto().axons();
  const uint32_t atoms = axon.type == AxonType::Discrete ? 1
                         : axon.type == AxonType::Pop16  ? rules.pop16_atoms()
                                                         : rules.pop32_atoms();
  if (axon.atom >= atoms)
    return wrong("atom " + std::to_string(axon.atom) + " of " +
                 std::to_string(atoms));
  return Error::success();
}

Error TableChecker::format(size_t index) const {
  const SynapseFormat &f = t.formats[index];
  const std::string place = "synapse format " + std::to_string(index);
  if (Error error =
          capacity(proto::SYNAPSE_FORMAT, t.formats.size(), "formats"))
    return error;
  const auto unsupported = [&](const char *what, int value) {
    return makeError(kinds.limit,
                     "target '" + target.name() + "' has no " + what + " " +
                         std::to_string(value),
                     coreName(t) + ", " + place, "choose another format");
  };
  if (!target.weightCode(f.weightBits))
    return unsupported("weights of a width of", f.weightBits);
  if (!target.indexCode(f.indexBits))
    return unsupported("target indices of a width of", f.indexBits);
  const proto::SynapsePacking &packing = target.proto().synapse_packing();
  if (f.weightExp < packing.weight_exponent_min() ||
      f.weightExp > packing.weight_exponent_max())
    return unsupported("weight exponent", f.weightExp);
  if (f.sign != SignMode::Mixed && f.sign != SignMode::Excitatory &&
      f.sign != SignMode::Inhibitory)
    return rule("unknown sign mode", place);
  if (f.compression != Compression::Sparse &&
      f.compression != Compression::Dense)
    return rule("unknown compression", place);
  if (f.delayBits > 8 || f.tagBits > 8)
    return rule("delay or tag of more than 8 bits", place);
  return Error::success();
}

Error TableChecker::rowShape() const {
  const SynapseRows &rows = t.rows;
  const size_t synapses = rows.target.size();
  if (rows.first.size() != rows.format.size() + 1 || rows.first[0] != 0 ||
      rows.first.back() != synapses || rows.mantissa.size() != synapses ||
      (!rows.delay.empty() && rows.delay.size() != synapses))
    return rule("the lists have different lengths", "synapse rows");
  for (size_t r = 0; r < rows.rows(); ++r) {
    if (rows.first[r] >= rows.first[r + 1] || rows.first[r + 1] > synapses)
      return rule("the row is empty", "synapse row " + std::to_string(r));
    if (rows.format[r] >= t.formats.size())
      return rule("the row has format " + std::to_string(rows.format[r]) +
                      " of " + std::to_string(t.formats.size()),
                  "synapse row " + std::to_string(r));
  }
  return Error::success();
}

Error TableChecker::row(size_t r) {
  const SynapseRows &rows = t.rows;
  const SynapseFormat &f = t.formats[rows.format[r]];
  const SynapseRows::Summary summary = rows.summary(r, f);
  lastTarget.push_back(summary.lastTarget);
  longestDelay = std::max(longestDelay, summary.longestDelay);
  if (summary.fits)
    return Error::success();
  const int low = f.minMantissa(), high = f.maxMantissa();
  const int step = (1 << f.shiftBits()) - 1;
  const bool dense = f.compression == Compression::Dense;
  for (uint32_t s = rows.first[r]; s < rows.first[r + 1]; ++s) {
    const auto bad = [&](const std::string &what) {
      return rule(what, "synapse row " + std::to_string(r) + ", synapse " +
                            std::to_string(s - rows.first[r]));
    };
    const int mantissa = rows.mantissa[s];
    if (mantissa < low || mantissa > high || (mantissa & step) != 0)
      return bad("mantissa " + std::to_string(mantissa) +
                 " is not a multiple of " + std::to_string(step + 1) + " in " +
                 std::to_string(low) + ".." + std::to_string(high));
    if (rows.delayOf(s) >> f.delayBits)
      return bad("delay " + std::to_string(rows.delayOf(s)) + " does not fit " +
                 std::to_string(f.delayBits) + " bits");
    if (dense ? rows.target[s] != s - rows.first[r]
              : rows.target[s] >> f.indexBits)
      return bad(
          "target " + std::to_string(rows.target[s]) +
          (dense ? " in a dense row"
                 : " does not fit " + std::to_string(f.indexBits) + " bits"));
  }
  return Error::success();
}

Error TableChecker::axonRange(const AxonIn &axon, size_t index) const {
  const auto wrong = [&](const std::string &what) {
    return rule(what, axonName(index));
  };
  const proto::AxonRules &rules = target.proto().axons();
  const bool discrete = axon.type == AxonType::Discrete;
  if (axon.type != AxonType::Pop16 && axon.type != AxonType::Pop32 && !discrete)
    return wrong("unknown type");
  const uint32_t most = discrete                       ? 1
                        : axon.type == AxonType::Pop16 ? rules.pop16_atoms()
                                                       : rules.pop32_atoms();
  if (axon.popRows < 1 || axon.popRows > most)
    return wrong(std::to_string(axon.popRows) + " rows, not 1.." +
                 std::to_string(most));
  if (uint64_t{axon.firstRow} + axon.popRows > t.rows.rows())
    return wrong("it names row " +
                 std::to_string(uint64_t{axon.firstRow} + axon.popRows - 1) +
                 " of " + std::to_string(t.rows.rows()));
  // A population axon's base is stored divided by its step.
  const uint32_t highest =
      rules.cx_base_max() * (discrete ? 1 : rules.population_cx_base_step());
  if (axon.cxBase > highest)
    return limit("as first compartment", axon.cxBase, highest, axonName(index),
                 "place the layer lower in the core");
  if (!discrete && axon.cxBase % rules.population_cx_base_step() != 0)
    return wrong("first compartment " + std::to_string(axon.cxBase) +
                 " of a population axon is not a multiple of " +
                 std::to_string(rules.population_cx_base_step()));
  return Error::success();
}

Error TableChecker::axons() const {
  if (Error error = capacity(proto::AXON_IN, t.axonsIn.size(), "input axons"))
    return error;
  const SynapseRows &rows = t.rows;
  const size_t n = rows.rows();
  // equalEnd[r]: the rows r .. equalEnd[r]-1 have one length and format.
  std::vector<uint32_t> equalEnd(n);
  const auto length = [&](size_t r) {
    return rows.first[r + 1] - rows.first[r];
  };
  for (size_t r = n; r-- > 0;)
    equalEnd[r] = r + 1 < n && length(r) == length(r + 1) &&
                          rows.format[r] == rows.format[r + 1]
                      ? equalEnd[r + 1]
                      : static_cast<uint32_t>(r + 1);
  size_t longest = 1;
  for (const AxonIn &axon : t.axonsIn)
    longest = std::max<size_t>(longest, axon.popRows);
  const RangeMax farthest(lastTarget, longest);
  std::vector<int32_t> users(n + 1); // differences
  for (size_t a = 0; a < t.axonsIn.size(); ++a) {
    const AxonIn &axon = t.axonsIn[a];
    if (Error error = axonRange(axon, a))
      return error;
    if (equalEnd[axon.firstRow] < axon.firstRow + axon.popRows)
      return rule("its rows differ in length or format", axonName(a));
    const uint64_t last =
        uint64_t{axon.cxBase} + farthest.of(axon.firstRow, axon.popRows);
    if (last >= t.compartments)
      return rule("a synapse leads to compartment " + std::to_string(last) +
                      " of " + std::to_string(t.compartments),
                  axonName(a));
    ++users[axon.firstRow];
    --users[axon.firstRow + axon.popRows];
  }
  int32_t open = 0;
  for (size_t r = 0; r < n; ++r)
    if ((open += users[r]) == 0)
      return rule("no axon uses the row", "synapse row " + std::to_string(r));
  return Error::success();
}

Error TableChecker::delays() const {
  const proto::DelayRules &rules = target.proto().delays();
  const auto found = t.config.find("delay_bits");
  const int64_t bits =
      found == t.config.end() ? rules.min_delay_bits() : found->second;
  if (bits < rules.min_delay_bits() || bits > rules.max_delay_bits())
    return rule("delay_bits is " + std::to_string(bits) + ", not " +
                    std::to_string(rules.min_delay_bits()) + ".." +
                    std::to_string(rules.max_delay_bits()),
                "delays");
  const uint64_t slots = uint64_t{1} << bits;
  if (t.compartments * slots > rules.accumulator_words())
    return limit("accumulator words (" + std::to_string(t.compartments) +
                     " compartments with " + std::to_string(slots) + " slots)",
                 t.compartments * slots, rules.accumulator_words(), "delays",
                 "put fewer compartments on the core or shorten delays");
  const uint64_t usable =
      slots > rules.headroom() ? slots - rules.headroom() : 0;
  if (longestDelay > usable)
    return limit("steps of delay", longestDelay, usable, "delays",
                 "raise delay_bits or shorten delays");
  return Error::success();
}

} // namespace

Error checkTables(const CoreTables &tables, const target::TargetModel &target,
                  const ErrorKinds &kinds) {
  return TableChecker(tables, target, kinds).run();
}

} // namespace hillock::image
