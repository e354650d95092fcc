//===- compiler/transform/odin/Numbers.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/odin/Numbers.h"
#include "base/Describe.h"
#include <algorithm>
#include <cmath>

namespace hillock::transform::odin {

namespace {

int32_t whole(double value, int32_t low, int32_t high) {
  return static_cast<int32_t>(
      std::clamp<double>(std::nearbyint(value), low, high));
}

/// Squared error and size of all weights of a neuron, in units of the chip.
struct Misfit {
  double error = 0, sum = 0;
  double relative() const { return sum > 0 ? error / sum : 0; }
};

class Quantizer {
public:
  Quantizer(const RealNetwork &network, const proto::CrossbarRules &rules)
      : network(network), rules(rules) {}
  Quantized run();

private:
  Misfit misfit(uint32_t neuron, double scale) const;
  double chooseScale(uint32_t neuron) const;
  void quantizeNeuron(uint32_t neuron, double scale);
  void remarkLayer(const Layer &layer);

  const RealNetwork &network;
  const proto::CrossbarRules &rules;
  Quantized result;
};

Misfit Quantizer::misfit(uint32_t neuron, double scale) const {
  Misfit fit;
  for (const RealSynapse &synapse : network.fanIn[neuron]) {
    const double exact = synapse.weight * scale;
    const double off =
        exact - whole(exact, rules.weight_min(), rules.weight_max());
    fit.error += off * off;
    fit.sum += exact * exact;
  }
  return fit;
}

double Quantizer::chooseScale(uint32_t n) const {
  const RealNeuron &neuron = network.neurons[n];
  const double largest = rules.threshold_max() / neuron.threshold;
  double weight = 0;
  for (const RealSynapse &synapse : network.fanIn[n])
    weight = std::max(weight, std::abs(synapse.weight));
  if (weight == 0)
    return neuron.drive == 0
               ? std::min(largest, 1.0)
               : std::min(largest, rules.weight_max() / std::abs(neuron.drive));
  // The largest weight becomes 1 to 12 units; above the range it is cut, which
  // may be better for all others. Whole numbers come first: they are exact for
  // weights that were made with quantization in mind.
  double best = 0, bestError = 0;
  const auto consider = [&](double units) {
    const double scale = units / weight;
    if (scale > largest)
      return;
    const double error = misfit(n, scale).relative();
    if (best == 0 || error < bestError - 1e-9) {
      best = scale;
      bestError = error;
    }
  };
  for (int units = -rules.weight_min(); units >= 1; --units)
    consider(units);
  for (double units = 1; units <= 12; units += 0.0625)
    consider(units);
  return best != 0 ? best : largest;
}

void Quantizer::quantizeNeuron(uint32_t n, double scale) {
  const RealNeuron &real = network.neurons[n];
  ChipNeuron &chip = result.neurons[n];
  const auto most = static_cast<int32_t>(rules.threshold_max());
  chip.scale = scale;
  chip.threshold = static_cast<int32_t>(std::clamp<int64_t>(
      wholeThreshold(real.threshold, real.strict, scale), 1, most));
  // A constant is taken where the network takes a fraction: as much as the
  // fraction takes at half the threshold.
  chip.leak = whole((1 - real.decay) * real.threshold / 2 * scale, 0,
                    static_cast<int32_t>(rules.leak_max()));
  chip.drive = whole(real.drive * scale, -(1 << 20), 1 << 20);
  chip.start =
      whole(real.start * scale, rules.potential_min(), chip.threshold - 1);
  result.leaks |= chip.leak != 0;
  for (const RealSynapse &synapse : network.fanIn[n])
    if (int32_t weight = whole(synapse.weight * scale, rules.weight_min(),
                               rules.weight_max()))
      result.fanIn[n].push_back({synapse.source, weight});
}

void Quantizer::remarkLayer(const Layer &layer) {
  uint32_t leaky = 0, stuck = 0, below = 0;
  double lowest = 1;
  for (uint32_t n = layer.first; n < layer.first + layer.size; ++n) {
    const RealNeuron &real = network.neurons[n];
    leaky += real.decay < 1;
    stuck += real.decay < 1 && result.neurons[n].leak == 0;
    lowest = std::min(lowest, real.decay);
    below += real.start * result.neurons[n].scale < rules.potential_min();
  }
  if (leaky != 0)
    result.remarks.push_back(
        layer.location +
        ": the chip leaks a constant, not a fraction: what the network loses "
        "at half its threshold (factor " +
        std::to_string(lowest) + " a step)" +
        (stuck != 0 ? "; for " + describeCount(stuck, "neuron") +
                          " that is less than half a unit, so that they do "
                          "not leak"
                    : ""));
  if (below != 0)
    result.remarks.push_back(layer.location + ": " +
                             describeCount(below, "neuron") +
                             " should start below the smallest potential");
}

Quantized Quantizer::run() {
  result.neurons.resize(network.neurons.size());
  result.fanIn.resize(network.neurons.size());
  for (const Layer &layer : network.layers) {
    Misfit sum;
    uint64_t synapses = 0;
    for (uint32_t n = layer.first; n < layer.first + layer.size; ++n) {
      const double scale = chooseScale(n);
      quantizeNeuron(n, scale);
      // Neurons of one layer count alike, whatever their units are.
      const Misfit one = misfit(n, scale);
      sum.error += one.relative();
      sum.sum += one.sum > 0;
      synapses += result.fanIn[n].size();
    }
    result.weightError.push_back(std::sqrt(sum.relative()));
    result.synapses.push_back(synapses);
    remarkLayer(layer);
  }
  return std::move(result);
}

} // namespace

int64_t wholeThreshold(double threshold, bool strict, double scale) {
  const double exact = threshold * scale;
  // Products that should be whole are so but for rounding.
  const double near = std::nearbyint(exact);
  if (std::abs(exact - near) <= 1e-6 * std::max(1.0, std::abs(exact)))
    return static_cast<int64_t>(near) + (strict ? 1 : 0);
  return static_cast<int64_t>(std::ceil(exact));
}

Quantized quantize(const RealNetwork &network,
                   const proto::CrossbarRules &rules) {
  return Quantizer(network, rules).run();
}

} // namespace hillock::transform::odin
