//===- sigma.mlir - Sums changes ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The decoder Sigma of Lava (lava-nc, proc/sdn/models.py, fixed point): sums the
// changes that a delta or sigma-delta neuron sent. 32 bits, no saturation.
//
//   sigma = sigma + input;  payload = sigma, sent when not 0
//
//===----------------------------------------------------------------------===//
neuron.model @sigma ports 1
    doc "sum of all inputs of Lava, sends it" {
  %sigma = neuron.state "sigma" bits 31 : i32
  %input = neuron.input 0
  %zero = arith.constant 0 : i32
  %sum = arith.addi %sigma, %input : i32
  neuron.write "sigma", %sum
  %some = arith.cmpi ne, %sum, %zero : i32
  neuron.fire %some payload %sum
}
