//===- compiler/transform/loihi/Registers.cpp -----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/Registers.h"
#include "compiler/transform/loihi/Scale.h"
#include <algorithm>
#include <cmath>

namespace hillock::transform {

namespace {

constexpr int32_t dsOffset = 1;

int32_t decayRegister(double kept, int32_t offset) {
  long value = std::lrint(4096 * (1 - kept)) - offset;
  return static_cast<int32_t>(std::clamp(value, 0L, 4095L));
}

double keptBy(int32_t decay, int32_t offset) {
  return (4096 - decay - offset) / 4096.0;
}

/// 1 + k + k^2 + ..., as many terms as a readout is made for.
double geometricSum(double kept) {
  return kept < 1 ? 1 / (1 - kept) : readoutSteps;
}

int32_t stateValue(double value) {
  return static_cast<int32_t>(
      std::clamp(std::round(value), -8388607.0, 8388607.0));
}

struct Start {
  double u, v;
};

/// The state from which \p lag steps with nothing but \p drive on the membrane
/// lead to u = \p u and v = \p v.
Start backwards(Start goal, double drive, double keptU, double keptV,
                int64_t lag) {
  // Half of the register: a start beyond it is not worth its rounding error.
  constexpr double most = 1 << 22;
  Start start = {goal.u / std::pow(keptU, lag), 0};
  if (!(std::abs(start.u) <= most))
    start.u = 0;
  double u = start.u, v = 0;
  for (int64_t step = 0; step < lag; ++step) {
    u *= keptU;
    v = keptV * v + u + drive;
  }
  start.v = (goal.v - v) / std::pow(keptV, lag);
  if (!(std::abs(start.v) <= most))
    start.v = 0;
  return start;
}

} // namespace

Registers registersOf(const std::vector<Recurrence> &neurons,
                      const std::vector<double> &bias,
                      const std::vector<double> &scale, bool readout,
                      int64_t lag) {
  Registers result;
  if (readout && std::all_of(neurons.begin(), neurons.end(),
                             [](const auto &r) { return r.decayV == 0; }))
    result.dmOffset = 1;
  double unit = neurons.front().unit();
  for (size_t n = 0; n < neurons.size(); ++n) {
    const Recurrence &r = neurons[n];
    double own = scale[scale.size() == 1 ? 0 : n] * unit / r.unit();
    result.decayU.push_back(decayRegister(r.decayU, dsOffset));
    result.decayV.push_back(decayRegister(r.decayV, result.dmOffset));
    double current = r.biasGain * bias[n] * own;
    Bias quantized = quantizeBias(r.drive * own + current);
    result.biasMant.push_back(quantized.mantissa);
    result.biasExp.push_back(quantized.exponent);
    Start start = {0, r.start * own};
    if (readout && quantized.mantissa != 0) {
      // The bias stands for what the synaptic filter ends in; that it begins
      // at 0 is a current of the opposite sign that decays.
      Start goal = {r.decayU > 0 ? -current : 0, start.v};
      double drive = std::ldexp(quantized.mantissa, quantized.exponent);
      start = backwards(goal, drive, keptBy(result.decayU.back(), dsOffset),
                        keptBy(result.decayV.back(), result.dmOffset), lag);
    }
    result.startU.push_back(stateValue(start.u));
    result.startV.push_back(stateValue(start.v));
  }
  return result;
}

DcGain dcGainOf(const std::vector<Recurrence> &neurons) {
  DcGain gain;
  for (const Recurrence &r : neurons) {
    double keptU = keptBy(decayRegister(r.decayU, dsOffset), dsOffset);
    double keptV = keptBy(decayRegister(r.decayV, 0), 0);
    gain.bias = std::max(gain.bias, geometricSum(keptV));
    gain.sum = std::max(gain.sum, geometricSum(keptU) * geometricSum(keptV));
    gain.endless |= keptV == 1;
  }
  return gain;
}

} // namespace hillock::transform
