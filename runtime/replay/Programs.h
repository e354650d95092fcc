//===- runtime/replay/Programs.h - Neurons of other simulators --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The neuron models whose recorded traces are replayed, as bytecode. Where
// simulators of the same chip disagree, each has its own dialect of the
// compartment.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPLAY_PROGRAMS_H
#define HILLOCK_RUNTIME_REPLAY_PROGRAMS_H

#include "image/Program.h"

namespace hillock::runtime {

enum class Dialect {
  Nengo,  ///< nengo-loihi; what Hillock itself takes for Loihi 1
  Lava,   ///< lava-nc fixed point: no wrap of q, u wraps off by one
  Brian2, ///< brian2_loihi: u and v are not limited
};

namespace programs {

/// The CUBA compartment. Parameters decay_u, decay_v, refract_delay, vth,
/// bias_mant, bias_exp, pos_vm_limit, neg_vm_limit, ds_offset, dm_offset;
/// states u, v, ref. In the dialect Brian2 without bias and limits.
image::Program loihi1Compartment(Dialect dialect);

/// Lava's LIF: parameters decay_u, decay_v, vth, bias_mant, bias_exp (may be
/// negative), weight_exp (of the sum), ds_offset, dm_offset; states u, v.
image::Program lavaLif();
/// And reset_interval, reset_offset; state phase (the step modulo interval).
image::Program lavaLifReset();
/// vth_hi and vth_lo for vth; fires +1 and -1.
image::Program ternaryLif();

/// Sigma-delta encoder: in_shift, out_shift, vth (already scaled); states act,
/// residue, error.
image::Program delta(bool cumulativeError);
/// out_shift, vth, bias (both scaled); states sigma, act, residue, error.
image::Program sigmaDelta(bool relu, bool cumulativeError);
/// Accumulates: state sigma, which is the payload, too.
image::Program sigma();

/// Fires its input when its magnitude (or, with \p relu, itself) exceeds vth.
image::Program gradedVec(bool relu);

/// Resonate and fire: sin_decay, cos_decay, in_shift, vth (scaled); port 0 is
/// the real input, port 1 the imaginary; states real, imag. \p decayBits is
/// part of the code.
image::Program resonator(bool izhikevich, int decayBits);

} // namespace programs
} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_REPLAY_PROGRAMS_H
