//===- dialects/snn/SnnNeuronsEval.cpp - Real-valued neurons --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The neuron models of NIR (Pedersen et al. 2024) in discrete time, under each
// convention that the tools of its paper were found to use. One step is
//
//   i = keepI i + gainI x                      (cuba_lif, cuba_li)
//   v = keepV v + gainV (i or x) + drive
//
// followed or preceded by the comparison. State is double, or float when the
// network says precision = "f32", as most training tools compute.
//
//===----------------------------------------------------------------------===//
#include "dialects/snn/Snn.h"
#include <cmath>

using namespace hillock;
using namespace hillock::snn;

namespace {

//===----------------------------------------------------------------------===//
// From continuous time to steps
//===----------------------------------------------------------------------===//

/// x(t) = keep x(t-1) + gain input, from tau x' = -x + input.
struct Filter {
  double keep, gain;
};

Filter discretize(Integrator integrator, double dt, double tau) {
  const double decay = std::exp(-dt / tau);
  switch (integrator) {
  case Integrator::Euler:
    return {1 - dt / tau, dt / tau};
  case Integrator::Exact:
    return {decay, 1 - decay};
  case Integrator::DecayExpGainEuler:
    return {decay, dt / tau};
  }
  llvm_unreachable("an integrator without a discrete form");
}

/// A parameter for every neuron; \p absent where the kind has none.
std::vector<double> parameter(std::optional<mlir::ElementsAttr> attr,
                              int64_t size, double absent) {
  return attr ? valuesOf(*attr) : std::vector<double>(size, absent);
}

struct NeuronsState : OpState {
  virtual void step(const Signal &input, Signal &output) = 0;
  virtual std::vector<double> voltage() const = 0;
};

//===----------------------------------------------------------------------===//
// A population
//===----------------------------------------------------------------------===//

template <typename Real> struct Neurons final : NeuronsState {
  explicit Neurons(NeuronsOp op);
  void reset() override;
  void step(const Signal &input, Signal &output) override;
  std::vector<double> voltage() const override {
    return std::vector<double>(v.begin(), v.end());
  }

  double integrateFire(size_t k, Real input);
  double fireIntegrate(size_t k, Real input);
  Real integrate(size_t k, Real input) const {
    return keepV[k] * v[k] + gainV[k] * input + drive[k];
  }
  bool exceeds(Real voltage, size_t k) const {
    return conventions.getCompare() == Compare::Strict
               ? voltage > threshold[k]
               : voltage >= threshold[k];
  }
  double countSpikes(Real voltage, size_t k) const;
  Real afterReset(Real voltage, double count, size_t k) const;
  Real clamped(Real voltage, size_t k) const;

  Kind kind;
  ConventionsAttr conventions;
  std::vector<Real> keepI, gainI, keepV, gainV, drive, threshold, resetTo;
  std::vector<Real> i, v;
  std::vector<int64_t> wait; ///< steps for which the voltage is still held
  std::vector<char> held;    ///< it was held in the last step
};

template <typename Real>
Neurons<Real>::Neurons(NeuronsOp op)
    : kind(op.getKind()), conventions(op.getConventions()) {
  const int64_t size = elementsOf(op.getResult().getType());
  const double dt = op->getParentOfType<NetworkOp>().getDt().convertToDouble();
  const std::vector<double> tauSyn = parameter(op.getTauSyn(), size, 0);
  const std::vector<double> tauMem = parameter(op.getTauMem(), size, 0);
  const std::vector<double> r = parameter(op.getR(), size, 0);
  const std::vector<double> wIn = parameter(op.getWIn(), size, 0);
  const std::vector<double> vLeak = parameter(op.getVLeak(), size, 0);
  for (int64_t k = 0; k < size; ++k) {
    if (op.getTauSyn()) {
      Filter f = discretize(conventions.getIntegrator(), dt, tauSyn[k]);
      keepI.push_back(static_cast<Real>(f.keep));
      gainI.push_back(static_cast<Real>(f.gain * wIn[k]));
    }
    // Without a leak v' = r x, which every integrator solves alike.
    Filter f = op.getTauMem()
                   ? discretize(conventions.getIntegrator(), dt, tauMem[k])
                   : Filter{1, dt};
    keepV.push_back(static_cast<Real>(f.keep));
    gainV.push_back(static_cast<Real>(f.gain * r[k]));
    drive.push_back(static_cast<Real>(f.gain * vLeak[k]));
  }
  for (double value : parameter(op.getVThreshold(), size, 0))
    threshold.push_back(static_cast<Real>(value));
  const bool toValue = conventions.getReset() == Reset::Value;
  for (double value : parameter(op.getVReset(), size, 0))
    resetTo.push_back(toValue ? static_cast<Real>(value) : Real(0));
  reset();
}

template <typename Real> void Neurons<Real>::reset() {
  i.assign(keepI.size(), Real(0));
  v.assign(keepV.size(), Real(0));
  wait.assign(keepV.size(), 0);
  held.assign(keepV.size(), 0);
}

template <typename Real>
double Neurons<Real>::countSpikes(Real voltage, size_t k) const {
  if (!exceeds(voltage, k))
    return 0;
  if (!conventions.getMulti() || !(threshold[k] > 0))
    return 1;
  return std::max(1.0, static_cast<double>(std::floor(voltage / threshold[k])));
}

template <typename Real>
Real Neurons<Real>::afterReset(Real voltage, double count, size_t k) const {
  if (count == 0)
    return voltage;
  if (conventions.getReset() == Reset::Subtract)
    return voltage - static_cast<Real>(count) * threshold[k];
  return resetTo[k];
}

template <typename Real>
Real Neurons<Real>::clamped(Real voltage, size_t k) const {
  if (conventions.getClamp() == 0)
    return voltage;
  return std::max(voltage,
                  -static_cast<Real>(conventions.getClamp()) * threshold[k]);
}

/// Current, voltage with the new current, compare, reset.
template <typename Real>
double Neurons<Real>::integrateFire(size_t k, Real input) {
  if (wait[k] > 0) {
    --wait[k];
    return 0;
  }
  double count;
  if (conventions.getReset() == Reset::SnnTorch) {
    const Real early = exceeds(v[k], k) ? Real(1) : Real(0);
    v[k] = integrate(k, input) - threshold[k] * early;
    count = exceeds(v[k], k) ? 1 : 0;
    v[k] -= threshold[k] * (static_cast<Real>(count) - early);
  } else {
    const Real voltage = integrate(k, input);
    count = countSpikes(voltage, k);
    v[k] = afterReset(voltage, count, k);
  }
  v[k] = clamped(v[k], k);
  if (count > 0)
    wait[k] = conventions.getRefractory();
  return count;
}

/// The comparison sees the voltage that the last step left. With the reset of
/// snnTorch the threshold is taken off the new voltage instead of the old one,
/// so that it does not decay: Spyx' LIF does that, its CuBaLIF does not.
template <typename Real>
double Neurons<Real>::fireIntegrate(size_t k, Real input) {
  double count = 0;
  if (wait[k] == 0 && !held[k]) {
    count = countSpikes(v[k], k);
    if (count > 0)
      wait[k] = conventions.getRefractory();
  }
  const bool late = conventions.getReset() == Reset::SnnTorch;
  if (!late)
    v[k] = afterReset(v[k], count, k);
  held[k] = wait[k] > 0;
  if (held[k])
    --wait[k];
  else
    v[k] = integrate(k, input);
  if (late)
    v[k] -= static_cast<Real>(count) * threshold[k];
  v[k] = clamped(v[k], k);
  return count;
}

template <typename Real>
void Neurons<Real>::step(const Signal &input, Signal &output) {
  const bool fireFirst = conventions.getOrder() == Order::FireIntegrate;
  for (size_t k = 0; k < v.size(); ++k) {
    Real x = static_cast<Real>(input[k]);
    switch (kind) {
    case Kind::CubaLif:
    case Kind::CubaLi:
      i[k] = keepI[k] * i[k] + gainI[k] * x;
      x = i[k];
      break;
    default:
      break;
    }
    switch (kind) {
    case Kind::Threshold:
      v[k] = x;
      output[k] = exceeds(x, k) ? 1 : 0;
      break;
    case Kind::Li:
    case Kind::I:
    case Kind::CubaLi:
      v[k] = integrate(k, x);
      output[k] = v[k];
      break;
    case Kind::If:
    case Kind::Lif:
    case Kind::CubaLif:
      output[k] = fireFirst ? fireIntegrate(k, x) : integrateFire(k, x);
      break;
    }
  }
}

bool isSinglePrecision(mlir::Operation *op) {
  auto network = op->getParentOfType<NetworkOp>();
  auto precision = network->getAttrOfType<mlir::StringAttr>("precision");
  return precision && precision.getValue() == "f32";
}

NeuronsState &stateOf(NeuronsOp op, Frame &frame) {
  if (isSinglePrecision(op))
    return frame.state<Neurons<float>>(op, op);
  return frame.state<Neurons<double>>(op, op);
}

} // namespace

Error NeuronsOp::evaluate(Frame &frame) {
  Signal output(elementsOf(getResult().getType()));
  stateOf(*this, frame).step(frame.get(getInput()), output);
  frame.set(getResult(), std::move(output));
  return Error::success();
}

std::vector<double> NeuronsOp::voltage(Frame &frame) {
  return stateOf(*this, frame).voltage();
}
