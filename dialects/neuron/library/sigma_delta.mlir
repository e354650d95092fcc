//===- sigma_delta.mlir - Sums, activates, sends changes ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SigmaDelta of Lava (lava-nc, proc/sdn/models.py, PySigmaDeltaModelFixed):
// sums the changes that arrive, applies bias and activation, and sends the
// change of the result as delta does. The input is in state scale; vth and bias
// are scaled by 2^(spike_exp + state_exp). With relu 0 the activation is the
// identity.
//
//   sigma = sigma + input;  act' = sigma + bias, at least 0 with relu
//   delta = act' - act + residue;  s, residue, payload as in delta
//
//===----------------------------------------------------------------------===//
neuron.model @sigma_delta ports 1
    doc "sigma-delta neuron of Lava, graded spikes" {
  %sigma = neuron.state "sigma" bits 31 : i32
  %act = neuron.state "act" bits 31 : i32
  %residue = neuron.state "residue" bits 31 : i32
  %error = neuron.state "error" bits 31 : i32
  %vth = neuron.param "vth" range 0 to 131071
  %bias = neuron.param "bias" range -131072 to 131071
  %spike_exp = neuron.param "spike_exp" range 0 to 7
  %state_exp = neuron.param "state_exp" range 0 to 7
  %cum_error = neuron.param "cum_error" range 0 to 1
  %relu = neuron.param "relu" range 0 to 1
  %input = neuron.input 0
  %zero = arith.constant 0 : i32
  %new_sigma = arith.addi %sigma, %input : i32
  neuron.write "sigma", %new_sigma
  %scale = arith.addi %spike_exp, %state_exp : i32
  %scaled_bias = arith.shli %bias, %scale : i32
  %biased = arith.addi %new_sigma, %scaled_bias : i32
  %rectified = arith.maxsi %biased, %zero : i32
  %with_relu = arith.cmpi ne, %relu, %zero : i32
  %new_act = arith.select %with_relu, %rectified, %biased : i32

  // What is worth sending: the threshold is on the change, or on the changes
  // that were held back so far.
  %delta_raw = arith.subi %new_act, %act : i32
  %delta = arith.addi %delta_raw, %residue : i32
  %cumulate = arith.cmpi ne, %cum_error, %zero : i32
  %error_sum = arith.addi %error, %delta : i32
  %measured = arith.select %cumulate, %error_sum, %delta : i32
  %minus = arith.subi %zero, %measured : i32
  %size = arith.maxsi %measured, %minus : i32
  %threshold = arith.shli %vth, %scale : i32
  %enough = arith.cmpi sge, %size, %threshold : i32
  %sent = arith.select %enough, %delta, %zero : i32
  %some = arith.cmpi ne, %sent, %zero : i32
  %kept_error = arith.select %cumulate, %error_sum, %error : i32
  %new_error = neuron.reset %kept_error if %some to %zero
  neuron.write "error", %new_error
  %new_residue = arith.subi %delta, %sent : i32
  neuron.write "residue", %new_residue
  neuron.write "act", %new_act
  %out = arith.shrsi %sent, %state_exp : i32
  %visible = arith.cmpi ne, %out, %zero : i32
  neuron.fire %visible payload %out
}
