//===- runtime/replay/Programs.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/Programs.h"
#include "image/ProgramBuilder.h"

namespace hillock::runtime::programs {

using Builder = image::ProgramBuilder;
using Value = Builder::Value;

namespace {

constexpr int32_t stateLimit = 1 << 23; // 23 value bits

/// 4096 - offset - decay: what a state keeps of itself, in 4096ths.
Value kept(Builder &b, const char *decay, const char *offset) {
  return b.sub(b.sub(b.constant(4096), b.param(offset)), b.param(decay));
}

Value loihiBias(Builder &b) {
  return b.shl(b.param("bias_mant"), b.param("bias_exp"));
}

Value clamp(Builder &b, Value value, Value low, Value high) {
  return b.max(b.min(value, high), low);
}

/// Lava accepts negative bias exponents; shifts left or right by a signed
/// amount.
Value shiftBoth(Builder &b, Value value, Value by) {
  Value zero = b.constant(0);
  Value left = b.shl(value, b.max(by, zero));
  return b.shr(left, b.max(b.sub(zero, by), zero));
}

} // namespace

image::Program loihi1Compartment(Dialect dialect) {
  bool limits = dialect != Dialect::Brian2;
  Builder b(limits ? "loihi1_compartment" : "brian2_compartment");
  uint32_t bits = limits ? 23 : 31;
  Value u = b.state("u", bits), v = b.state("v", bits), ref = b.state("ref", 6);
  Value zero = b.constant(0), one = b.constant(1);
  Value q = b.input();
  if (limits)
    q = b.wrap(q, 21);
  u = b.add(b.decay(u, kept(b, "decay_u", "ds_offset"), 12), q);
  Value drive = u;
  if (limits) {
    u = b.wrap(u, 23);
    drive = b.wrap(b.add(u, loihiBias(b)), 23);
  }
  v = b.add(b.decay(v, kept(b, "decay_v", "dm_offset"), 12), drive);
  if (limits) {
    Value highBits = b.add(b.constant(9), b.shl(b.param("pos_vm_limit"), one));
    Value high = b.sub(b.shl(one, highBits), one);
    Value low = b.sub(one, b.shl(one, b.param("neg_vm_limit")));
    v = clamp(b, v, low, high);
  }
  v = b.select(b.less(zero, ref), zero, v);
  Value spike = b.less(b.shl(b.param("vth"), b.constant(6)), v);
  b.write("u", u);
  b.write("v", b.select(spike, zero, v));
  ref = b.select(spike, b.param("refract_delay"), ref);
  b.write("ref", b.max(zero, b.sub(ref, one)));
  b.fire(spike, one);
  return b.take();
}

namespace {

struct LavaState {
  Value u, v;
};

/// lava proc/lif/models.py, AbstractPyLifModelFixed.subthr_dynamics: the
/// exponent of the weights shifts their sum; u = 2^23 stays, u = -2^23 becomes
/// 2^23; one turn only; v saturates.
LavaState lavaCurrentAndVoltage(Builder &b, Value u, Value v) {
  Value sum = shiftBoth(b, b.input(), b.param("weight_exp"));
  sum = b.shl(sum, b.constant(6));
  u = b.add(b.decay(u, kept(b, "decay_u", "ds_offset"), 12), sum);
  Value turn = b.constant(2 * stateLimit);
  Value over = b.less(b.constant(stateLimit), u);
  Value under = b.lessEqual(u, b.constant(-stateLimit));
  u = b.select(over, b.sub(u, turn), b.select(under, b.add(u, turn), u));
  Value bias = shiftBoth(b, b.param("bias_mant"), b.param("bias_exp"));
  v = b.add(b.decay(v, kept(b, "decay_v", "dm_offset"), 12), u);
  v = b.add(v, bias);
  v = clamp(b, v, b.constant(1 - stateLimit), b.constant(stateLimit - 1));
  return {u, v};
}

void lavaFire(Builder &b, const LavaState &s) {
  Value spike = b.less(b.shl(b.param("vth"), b.constant(6)), s.v);
  b.write("u", s.u);
  b.write("v", b.select(spike, b.constant(0), s.v));
  b.fire(spike, b.constant(1));
}

} // namespace

image::Program lavaLif() {
  Builder b("lava_lif");
  Value u = b.state("u", 24), v = b.state("v", 23);
  lavaFire(b, lavaCurrentAndVoltage(b, u, v));
  return b.take();
}

image::Program lavaLifReset() {
  Builder b("lava_lif_reset");
  Value u = b.state("u", 24), v = b.state("v", 23);
  Value phase = b.state("phase", 31);
  Value zero = b.constant(0);
  phase = b.add(phase, b.constant(1));
  phase = b.select(b.equal(phase, b.param("reset_interval")), zero, phase);
  Value reset = b.equal(phase, b.param("reset_offset"));
  u = b.select(reset, zero, u);
  v = b.select(reset, zero, v);
  lavaFire(b, lavaCurrentAndVoltage(b, u, v));
  b.write("phase", phase);
  return b.take();
}

image::Program ternaryLif() {
  Builder b("ternary_lif");
  Value u = b.state("u", 24), v = b.state("v", 23);
  LavaState s = lavaCurrentAndVoltage(b, u, v);
  Value six = b.constant(6);
  Value up = b.less(b.shl(b.param("vth_hi"), six), s.v);
  Value down = b.less(s.v, b.shl(b.param("vth_lo"), six));
  Value spike = b.either(up, down);
  b.write("u", s.u);
  b.write("v", b.select(spike, b.constant(0), s.v));
  b.fire(spike, b.sub(up, down));
  return b.take();
}

namespace {

/// What delta and sigma-delta neurons share (lava proc/sdn/models.py): send
/// the change of \p value since the last step once it is large enough, keep
/// the rest.
void sendChange(Builder &b, Value value, bool cumulativeError) {
  Value act = b.state("act", 31), residue = b.state("residue", 31);
  Value error = b.state("error", 31), zero = b.constant(0);
  Value change = b.add(b.sub(value, act), residue);
  Value measure = change;
  if (cumulativeError)
    measure = error = b.add(error, change);
  Value large = b.lessEqual(b.param("vth"), b.abs(measure));
  Value sent = b.select(large, change, zero);
  if (cumulativeError)
    error = b.select(b.notEqual(sent, zero), zero, error);
  b.write("residue", b.sub(change, sent));
  b.write("act", value);
  b.write("error", error);
  Value out = b.shr(sent, b.param("out_shift"));
  b.fire(b.notEqual(out, zero), out);
}

} // namespace

image::Program delta(bool cumulativeError) {
  Builder b("delta");
  sendChange(b, b.shl(b.input(), b.param("in_shift")), cumulativeError);
  return b.take();
}

image::Program sigmaDelta(bool relu, bool cumulativeError) {
  Builder b("sigma_delta");
  Value sigma = b.add(b.state("sigma", 31), b.input());
  b.write("sigma", sigma);
  Value value = b.add(sigma, b.param("bias"));
  if (relu)
    value = b.max(value, b.constant(0));
  sendChange(b, value, cumulativeError);
  return b.take();
}

image::Program sigma() {
  Builder b("sigma");
  Value sum = b.add(b.state("sigma", 31), b.input());
  b.write("sigma", sum);
  b.fire(b.notEqual(sum, b.constant(0)), sum);
  return b.take();
}

image::Program gradedVec(bool relu) {
  Builder b(relu ? "graded_relu_vec" : "graded_vec");
  Value v = b.add(b.state("v", 31), b.input());
  Value above = b.less(b.param("vth"), relu ? v : b.abs(v));
  Value zero = b.constant(0);
  b.write("v", zero);
  Value out = b.select(above, v, zero);
  b.fire(b.notEqual(out, zero), out);
  return b.take();
}

image::Program resonator(bool izhikevich, int decayBits) {
  Builder b(izhikevich ? "rf_iz" : "rf", 2);
  Value re = b.state("real", 23), im = b.state("imag", 23);
  Value sin = b.param("sin_decay"), cos = b.param("cos_decay");
  Value low = b.constant(1 - stateLimit), high = b.constant(stateLimit - 1);
  Value zero = b.constant(0), shift = b.param("in_shift");
  auto turned = [&](Value x, Value by) { return b.decay(by, x, decayBits); };
  // Each product is shifted by itself (lava proc/rf/models.py).
  Value newRe =
      b.add(b.sub(turned(re, cos), turned(im, sin)), b.shl(b.input(0), shift));
  Value newIm =
      b.add(b.add(turned(re, sin), turned(im, cos)), b.shl(b.input(1), shift));
  newRe = clamp(b, newRe, low, high);
  newIm = clamp(b, newIm, low, high);
  Value vth = b.param("vth"), spike;
  if (izhikevich) {
    spike = b.lessEqual(vth, newIm);
    newRe = b.select(spike, zero, newRe);
    newIm = b.select(spike, b.sub(vth, b.constant(1)), newIm);
  } else {
    // The phase passes zero from below.
    Value rises = b.both(b.lessEqual(zero, newIm), b.less(im, zero));
    spike = b.both(b.lessEqual(vth, newRe), rises);
  }
  b.write("real", newRe);
  b.write("imag", newIm);
  b.fire(spike, b.constant(1));
  return b.take();
}

} // namespace hillock::runtime::programs
