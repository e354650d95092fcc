//===- dialects/crossbar/CrossbarBase.td - Dialect ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_CROSSBAR_CROSSBARBASE
#define HILLOCK_DIALECTS_CROSSBAR_CROSSBARBASE

include "mlir/IR/OpBase.td"

def Crossbar_Dialect : Dialect {
  let name = "crossbar";
  let cppNamespace = "::hillock::crossbar";
  let summary = "One chip with a full crossbar, event by event";
  let description = [{
    A network in the integers of a chip such as ODIN or tinyODIN: neurons at
    addresses of one crossbar, a row of synapses for each source address, and a
    queue of events. Rows belong to neurons or to inputs; both share the
    addresses.

    There is no sum over a step. An event is handled at once: it changes one
    neuron after the other, in ascending order of address, and a neuron that
    reaches its threshold fires there and then. What a chip does is therefore
    written down here event by event, and the reference interpreter does the
    same. One time step:

    1. The host sends events, one at a time: those of `crossbar.always`, then,
       for each input in the order of the body and each of its neurons in
       ascending order, the neuron's events, as often as the neuron spikes in
       this step. After each event the chip comes to rest (rule 3).
    2. If the chip leaks, the host sends a time reference: each swept neuron, in
       ascending order, runs its program with input 1 at port 1. Then the chip
       comes to rest.
    3. Coming to rest: as long as the queue is not empty, its oldest event is
       processed and then removed. A neuron event of source a runs, in ascending
       order, the program of every swept neuron n with the weight of synapse
       (a, n) at port 0; a virtual event runs that of one neuron with its own
       weight. A neuron that fires puts its address at the end of the queue. If
       the queue is full, the event in work included, that address is lost.

    A neuron may fire several times in a step; values of outputs are counts.

    ```mlir
    crossbar.chip @net target "tinyodin" dt 1.0e-3 queue 128 sweep 2 {
      crossbar.input "x" shape [1] first dense<[0, 1]> : tensor<2xi32>
          virtual dense<0> : tensor<1xi8> address dense<2> : tensor<1xi8>
          weight dense<0> : tensor<1xi8>
      crossbar.population "fc" program "tinyodin_lif" shape [2]
          address dense<[0, 1]> : tensor<2xi8>
          registers {thr = 5 : i32, leak_str = 0 : i32}
      crossbar.synapses sources dense<2> : tensor<1xi8>
          weights dense<[3, 7]> : tensor<2xi8>
      crossbar.output "y" shape [2] address dense<[0, 1]> : tensor<2xi8>
    }
    ```
  }];
  let useDefaultAttributePrinterParser = 0;
}

#endif // HILLOCK_DIALECTS_CROSSBAR_CROSSBARBASE
