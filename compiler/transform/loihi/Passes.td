//===- compiler/transform/loihi/Passes.td ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def QuantizeToLoihi : Pass<"snn-quantize-to-loihi", "::mlir::ModuleOp"> {
  let summary = "Bring a network of the real level to Loihi's integers";
  let description = [{
    Replaces each real-level `snn.network` by one of the integer level:

    * neurons become populations of the `loihi1_compartment` program, with
      12-bit decays, a 17-bit threshold mantissa and a bias mantissa and
      exponent;
    * weights become mantissas of 1 to 8 bits with an exponent for each
      projection; of 8 bits with one scale a population, rounded to nearest; of
      fewer bits with a scale for each row (output channel of a convolution,
      else neuron) of at most 8 different ones, that is, thresholds, chosen for
      the least square error of the weights, and rounded so that the errors of a
      row add up to half a code at most, as far as there are codes for that;
    * parameters that differ between the neurons of a population move into the
      weights where they can (threshold, gain) and into profiles where they
      cannot (decays);
    * a constant bias goes to the membrane as its steady state;
    * what leads to an output and puts out voltages (li, cuba_li, i) becomes a
      population whose threshold is never reached and whose voltage is its value
      (`readout`); an output that reads a current gets a population without
      memory, called like the node that makes the current;
    * the network is retimed, for a spike of step t acts in step t + 1 or later
      on the chip: every path gets its delay written out.

    Each population keeps `scale` (chip units a network unit; the mean over its
    neurons where rows have scales of their own), `weight_error`
    (relative RMS) and `lag` (steps behind the network) as attributes.
  }];
  let options = [
    Option<"weightBits", "weight-bits", "unsigned", "8",
           "Width of the weight field: 1 to 6 or 8">,
    Option<"relax", "relax-timing", "bool", "false",
           "Allow a recurrent path to arrive later than in the network where "
           "the chip cannot be faster">,
  ];
  let dependentDialects = ["::hillock::snn::SnnDialect"];
}
