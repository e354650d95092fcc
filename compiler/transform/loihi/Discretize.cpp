//===- compiler/transform/loihi/Discretize.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/Discretize.h"
#include "compiler/transform/loihi/Paths.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace hillock::snn;

namespace hillock::transform {

namespace {

/// Decay factor and gain of tau x' = -x + input over one step.
struct Filter {
  double decay, gain;
};

Filter filter(Integrator integrator, double dt, double tau) {
  switch (integrator) {
  case Integrator::Euler:
    return {1 - dt / tau, dt / tau};
  case Integrator::Exact:
    return {std::exp(-dt / tau), 1 - std::exp(-dt / tau)};
  case Integrator::DecayExpGainEuler:
    return {std::exp(-dt / tau), dt / tau};
  }
  llvm_unreachable("unknown integrator");
}

Error checkConventions(NeuronsOp op) {
  ConventionsAttr c = op.getConventions();
  std::string where = locationText(op);
  // The others say what a spike does.
  if (isa<GradedType>(op.getResult().getType()))
    return Error::success();
  if (c.getReset() == Reset::Subtract || c.getReset() == Reset::SnnTorch)
    return inputError("reset by subtraction: a single Loihi 1 compartment "
                      "resets to a value",
                      where,
                      "compile with --reset value (or zero) and look at the "
                      "accuracy, or retrain with reset to zero");
  if (c.getOrder() != Order::IntegrateFire)
    return inputError("order = fire_integrate: a compartment integrates, then "
                      "fires",
                      where, "compile with --order integrate_fire");
  if (c.getMulti() || c.getClamp())
    return inputError("several spikes a step or a clamped voltage: a "
                      "compartment has neither",
                      where, "compile with --convention euler");
  if (c.getRefractory() > 62)
    return inputError("refractory period of " +
                          std::to_string(c.getRefractory()) +
                          " steps; the register holds 1 to 63, which is 0 to "
                          "62 steps of pause",
                      where, "use a larger dt");
  return Error::success();
}

} // namespace

Expected<std::vector<Recurrence>> discretize(NeuronsOp op, double dt) {
  if (Error error = checkConventions(op))
    return std::move(error);
  Kind kind = op.getKind();
  ConventionsAttr conventions = op.getConventions();
  const bool graded = isa<GradedType>(op.getResult().getType());
  auto at = [](std::optional<ElementsAttr> attr, int64_t n, double absent) {
    return attr ? valueAt(*attr, n) : absent;
  };
  int64_t size = elementsOf(op.getResult().getType());
  std::vector<Recurrence> result(size);
  for (int64_t n = 0; n < size; ++n) {
    Recurrence &r = result[n];
    double drive = at(op.getVLeak(), n, 0);
    double resistance = at(op.getR(), n, 1);
    if (kind == Kind::If || kind == Kind::I) {
      r.decayV = 1;
      r.gain = r.biasGain = dt * resistance;
    } else if (kind == Kind::Threshold) {
      r.gain = r.biasGain = 1;
    } else {
      Filter membrane =
          filter(conventions.getIntegrator(), dt, valueAt(*op.getTauMem(), n));
      r.decayV = membrane.decay;
      r.gain = r.biasGain = membrane.gain * resistance;
      r.drive = membrane.gain * drive;
      if (kind == Kind::CubaLif || kind == Kind::CubaLi) {
        Filter synapse = filter(conventions.getIntegrator(), dt,
                                valueAt(*op.getTauSyn(), n));
        r.decayU = synapse.decay;
        double into = synapse.gain * at(op.getWIn(), n, 1);
        r.gain *= into;
        // A constant current has passed the synaptic filter for ever.
        r.biasGain *= into / (1 - synapse.decay);
      }
    }
    if (r.decayU < 0 || r.decayV < 0)
      return inputError("neuron " + std::to_string(n) +
                            " has a time constant below dt, so that forward "
                            "Euler overshoots",
                        locationText(op),
                        "use a smaller --dt or --integrator exact");
    if (graded) { // starts at 0 and is never reset
      r.threshold = std::numeric_limits<double>::infinity();
      continue;
    }
    double reset =
        conventions.getReset() == Reset::Value ? at(op.getVReset(), n, 0) : 0;
    r.threshold = at(op.getVThreshold(), n, 0) - reset;
    // Measured from the reset value, the decay acts on v - reset.
    r.drive += (r.decayV - 1) * reset;
    r.start = -reset;
    if (!(r.threshold > 0))
      return inputError("neuron " + std::to_string(n) + " has a threshold of " +
                            std::to_string(at(op.getVThreshold(), n, 0)) +
                            " that is not above its reset value " +
                            std::to_string(reset),
                        locationText(op), "check v_threshold and v_reset");
  }
  return result;
}

Recurrence memoryless() {
  Recurrence r;
  r.gain = r.biasGain = 1;
  r.threshold = std::numeric_limits<double>::infinity();
  return r;
}

} // namespace hillock::transform
