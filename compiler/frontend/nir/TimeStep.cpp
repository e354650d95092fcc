//===- compiler/frontend/nir/TimeStep.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/TimeStep.h"
#include "base/Describe.h"
#include "compiler/frontend/nir/NodeTable.h"
#include <algorithm>
#include <cmath>
#include <cstdio>

namespace hillock::nir {

namespace {

constexpr double agreement = 1e-6; // relative
constexpr double floatError = 1.2e-7;

/// One (time constant, gain) pair of one neuron.
struct Pair {
  double tau, gain;
};

/// What one rule makes of all pairs of a graph.
struct Rule {
  const char *name;
  bool consistent = true;
  double dt = 0;
  Pair first{};           ///< The pair that gave dt.
  bool supported = false; ///< A different pair gave the same dt.
  bool used = false;
};

/// The dt that a rule implies, or 0 when the pair contradicts the rule.
double gainStep(Pair pair) { return pair.gain > 1 ? pair.tau / pair.gain : 0; }

double spyxStep(Pair pair) {
  return pair.gain > 0 && pair.gain < 1 ? pair.tau * (1 - pair.gain) : 0;
}

/// Solves r = x exp(-1 / x) for x = tau / dt, which grows with r.
double rockpoolStep(Pair pair) {
  if (!(pair.gain > std::exp(-1.0)))
    return 0; // dt would exceed tau.
  double low = 1, high = pair.gain + 2;
  for (int i = 0; i < 200 && low < high; ++i) {
    double middle = 0.5 * (low + high);
    if (middle == low || middle == high)
      break;
    (middle * std::exp(-1 / middle) < pair.gain ? low : high) = middle;
  }
  return pair.tau / low;
}

void apply(Rule &rule, Pair pair, double dt) {
  if (!(dt > 0) || !std::isfinite(dt)) {
    rule.consistent = false;
    return;
  }
  if (!rule.used) {
    rule.used = true;
    rule.dt = dt;
    rule.first = pair;
    return;
  }
  double slack = agreement;
  if (pair.gain < 1) // 1 - r of a float32 loses digits.
    slack += floatError / (1 - pair.gain) +
             (rule.first.gain < 1 ? floatError / (1 - rule.first.gain) : 0);
  if (std::abs(dt - rule.dt) > slack * rule.dt)
    rule.consistent = false;
  else if (std::abs(pair.tau - rule.first.tau) > 1e-5 * rule.first.tau)
    rule.supported = true;
}

/// At most two significant digits: what a person types.
bool isRound(double value) {
  double scale = std::pow(10, 1 - std::floor(std::log10(value)));
  double digits = value * scale;
  return std::abs(digits - std::round(digits)) < agreement * digits;
}

const Tensor *field(const FlatNode &node, const char *name) {
  auto it = node.node.fields.find(name);
  return it == node.node.fields.end() ? nullptr : &it->second;
}

std::vector<Pair> pairsOf(const Tensor &tau, const Tensor &gain) {
  size_t count = std::max(tau.size(), gain.size());
  std::vector<Pair> pairs;
  for (size_t i = 0; i < count; ++i) {
    Pair pair{tau.at(tau.size() == 1 ? 0 : i),
              gain.at(gain.size() == 1 ? 0 : i)};
    if (pair.gain != 1)
      pairs.push_back(pair);
  }
  return pairs;
}

class StepFinder {
public:
  explicit StepFinder(const FlatGraph &graph) : graph(graph) {}
  InferredStep run();

private:
  void addPairs(const FlatNode &node, const char *tau, const char *gain,
                bool simple);
  void describe(const FlatNode &node, const char *tau, const char *gain,
                const std::vector<Pair> &pairs, bool simple);
  void choose();
  void withoutTimeConstants();

  const FlatGraph &graph;
  InferredStep result;
  Rule gain{"tau / r, as snnTorch and the NIR paper export"};
  Rule spyx{"tau (1 - r), as Spyx exports"};
  Rule rockpool{"r = (tau / dt) exp(-dt / tau), as Rockpool exports"};
  bool hasTau = false;
};

void StepFinder::describe(const FlatNode &node, const char *tau,
                          const char *gainName, const std::vector<Pair> &pairs,
                          bool simple) {
  std::string text = "node " + quoteName(node.node.path) + ": ";
  if (pairs.empty()) {
    text += std::string(gainName) + " = 1 says nothing, " + tau + " = " +
            describeNumber(field(node, tau)->at(0));
  } else {
    std::string values;
    auto add = [&](double dt, const std::string &formula) {
      if (dt > 0)
        values += (values.empty() ? "" : " or ") + formula + " = " +
                  describeNumber(dt);
    };
    std::string t = tau, g = gainName;
    add(gainStep(pairs[0]), t + " / " + g);
    if (simple) {
      add(spyxStep(pairs[0]), t + " (1 - " + g + ")");
      add(rockpoolStep(pairs[0]), "Rockpool's rule");
    }
    text += values.empty() ? g + " fits no known rule" : values;
  }
  result.candidates.push_back(text);
}

void StepFinder::addPairs(const FlatNode &node, const char *tau,
                          const char *gainName, bool simple) {
  std::vector<Pair> pairs = pairsOf(*field(node, tau), *field(node, gainName));
  hasTau = true;
  describe(node, tau, gainName, pairs, simple);
  for (Pair pair : pairs) {
    apply(gain, pair, gainStep(pair));
    apply(spyx, pair, simple ? spyxStep(pair) : 0);
    apply(rockpool, pair, simple ? rockpoolStep(pair) : 0);
  }
}

void StepFinder::choose() {
  std::vector<const Rule *> supported, round;
  for (const Rule *rule : {&gain, &spyx, &rockpool}) {
    if (!rule->used || !rule->consistent)
      continue;
    if (rule->supported)
      supported.push_back(rule);
    if (isRound(rule->dt))
      round.push_back(rule);
  }
  const std::vector<const Rule *> &best = supported.empty() ? round : supported;
  if (best.size() != 1)
    return;
  result.dt = best[0]->dt;
  // Undo the float32 rounding of the parameters.
  if (isRound(*result.dt)) {
    double scale = std::pow(10, 1 - std::floor(std::log10(*result.dt)));
    result.dt = std::round(*result.dt * scale) / scale;
  }
  result.source = std::string("inferred: ") + best[0]->name;
  result.steps = *result.dt == 1;
}

/// Networks of IF neurons, or without any state.
void StepFinder::withoutTimeConstants() {
  std::optional<double> r;
  bool equal = true, delays = false;
  for (const FlatNode &node : graph.nodes) {
    delays |= node.node.type == NodeType::Delay;
    if (node.node.type != NodeType::IF && node.node.type != NodeType::I)
      continue;
    const Tensor &tensor = *field(node, "r");
    for (size_t i = 0; i < tensor.size(); ++i) {
      equal &= !r || std::abs(*r - tensor.at(i)) <= agreement * std::abs(*r);
      r = tensor.at(i);
    }
    result.candidates.push_back("node " + quoteName(node.node.path) +
                                ": r = " + describeNumber(tensor.at(0)));
  }
  if (!r && delays) {
    result.candidates.push_back("only delays depend on time");
    return;
  }
  if (!r || (equal && *r == 1)) {
    result.dt = 1;
    result.steps = true;
    result.source = r ? "inferred: IF with r = 1, as Sinabs exports"
                      : "no node depends on time";
  } else if (equal && *r > 0 && isRound(1 / *r)) {
    result.dt = 1 / *r;
    result.source = "inferred: IF with r = 1 / dt, as SpikingJelly exports";
  }
}

InferredStep StepFinder::run() {
  for (const FlatNode &node : graph.nodes) {
    if (field(node, "tau") && field(node, "r"))
      addPairs(node, "tau", "r", true);
    if (field(node, "tau_mem") && field(node, "r"))
      addPairs(node, "tau_mem", "r", false);
    if (field(node, "tau_syn") && field(node, "w_in"))
      addPairs(node, "tau_syn", "w_in", false);
  }
  if (hasTau)
    choose();
  else
    withoutTimeConstants();
  return std::move(result);
}

} // namespace

std::string describeNumber(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

InferredStep inferTimeStep(const FlatGraph &graph) {
  return StepFinder(graph).run();
}

} // namespace hillock::nir
