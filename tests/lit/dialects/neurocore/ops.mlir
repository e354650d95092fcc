// Text, generic form and bytecode hold the same system.
// RUN: hillock-opt %s | FileCheck %s
// RUN: hillock-opt %s --verify-roundtrip | FileCheck %s
// RUN: hillock-opt %s --mlir-print-op-generic | hillock-opt | FileCheck %s
// RUN: hillock-opt %s --emit-bytecode | hillock-opt | FileCheck %s

// Two neurons on two cores of one chip: the host drives the first, which drives
// the second through a synapse with a delay of 3.

// CHECK-LABEL: neurocore.system @two target "loihi" dt 1.000000e-03 notes "{}" {
neurocore.system @two target "loihi" dt 1.0e-3 notes "{}" {
  // CHECK: neurocore.chip 0 {
  neurocore.chip 0 {
    // CHECK: neurocore.core 0 program "loihi1_compartment" config {ds_offset = 1 : i64} {
    neurocore.core 0 program "loihi1_compartment" config {ds_offset = 1} {
      // CHECK: neurocore.compartments 1 profiles [{decay_u = 4095 : i64}] thresholds [{vth = 100 : i64}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {bias_mant = dense<3> : tensor<1xi32>} initial {v = dense<-7> : tensor<1xi32>}
      neurocore.compartments 1 profiles [{decay_u = 4095}]
          thresholds [{vth = 100}] profile_of dense<0> : tensor<1xi8>
          threshold_of dense<0> : tensor<1xi8>
          fields {bias_mant = dense<3> : tensor<1xi32>}
          initial {v = dense<-7> : tensor<1xi32>}
      // CHECK: neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = dense, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<120> : tensor<1xi16>
      neurocore.synapses
          formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = dense, index_bits = 6, delay_bits = 0>]
          first dense<[0, 1]> : tensor<2xi32>
          format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16>
          mantissas dense<120> : tensor<1xi16>
      // CHECK: neurocore.axon_in types dense<0> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
      neurocore.axon_in types dense<0> : tensor<1xi8>
          first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16>
          cx_base dense<0> : tensor<1xi16>
      // CHECK: neurocore.axon_out first dense<[0, 1]> : tensor<2xi32> types dense<1> : tensor<1xi8> chip dense<0> : tensor<1xi32> core dense<5> : tensor<1xi32> axon dense<0> : tensor<1xi16> atom dense<1> : tensor<1xi16>
      neurocore.axon_out first dense<[0, 1]> : tensor<2xi32>
          types dense<1> : tensor<1xi8> chip dense<0> : tensor<1xi32>
          core dense<5> : tensor<1xi32> axon dense<0> : tensor<1xi16>
          atom dense<1> : tensor<1xi16>
    }
    // CHECK: neurocore.core 5
    neurocore.core 5 program "loihi1_compartment" config {} {
      neurocore.compartments 1 profiles [{}] thresholds [{vth = 100}]
          profile_of dense<0> : tensor<1xi8>
          threshold_of dense<0> : tensor<1xi8> fields {} initial {}
      // CHECK: #neurocore.format<bits = 4, exponent = 2, sign = excitatory, compression = sparse, index_bits = 6, delay_bits = 2, tag_bits = 1, on_sum = true>
      // CHECK-SAME: delays dense<[0, 3]> : tensor<2xi8>
      neurocore.synapses
          formats [#neurocore.format<bits = 4, exponent = 2, sign = excitatory, compression = sparse, index_bits = 6, delay_bits = 2, tag_bits = 1, on_sum = true>]
          first dense<[0, 1, 2]> : tensor<3xi32>
          format_of dense<0> : tensor<2xi8> targets dense<0> : tensor<2xi16>
          mantissas dense<[16, 240]> : tensor<2xi16>
          delays dense<[0, 3]> : tensor<2xi8>
      neurocore.axon_in types dense<1> : tensor<1xi8>
          first_row dense<0> : tensor<1xi32> pop_rows dense<2> : tensor<1xi16>
          cx_base dense<0> : tensor<1xi16>
    }
  }
  // CHECK: neurocore.input "x" shape [1] first dense<[0, 1]> : tensor<2xi32> chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> axon dense<0> : tensor<1xi16> atom dense<0> : tensor<1xi16>
  neurocore.input "x" shape [1] first dense<[0, 1]> : tensor<2xi32>
      chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32>
      axon dense<0> : tensor<1xi16> atom dense<0> : tensor<1xi16>
  // CHECK: neurocore.output "y" shape [1] chip dense<0> : tensor<1xi32> core dense<5> : tensor<1xi32> compartment dense<0> : tensor<1xi16> lag 2
  neurocore.output "y" shape [1] chip dense<0> : tensor<1xi32>
      core dense<5> : tensor<1xi32> compartment dense<0> : tensor<1xi16> lag 2
  // CHECK: neurocore.output "z" shape [1] {{.*}} lag 2 {scale = 1.250000e+01 : f64, state = "v"}
  neurocore.output "z" shape [1] chip dense<0> : tensor<1xi32>
      core dense<5> : tensor<1xi32> compartment dense<0> : tensor<1xi16> lag 2
      {state = "v", scale = 12.5}
  // CHECK: neurocore.population "x" shape [1] kind "" chip dense<> : tensor<0xi32> core dense<> : tensor<0xi32> compartment dense<> : tensor<0xi16> {is_input}
  neurocore.population "x" shape [1] kind "" chip dense<> : tensor<0xi32>
      core dense<> : tensor<0xi32> compartment dense<> : tensor<0xi16>
      {is_input}
  // CHECK: neurocore.population "hidden" shape [1] kind "lif" chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> {bits = 8 : i64, lag = 1 : i64, scale = 2.500000e+00 : f64, source = "a.nir: node 'lif'", synapses = 1 : i64, weight_error = 1.250000e-01 : f64}
  neurocore.population "hidden" shape [1] kind "lif"
      chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32>
      compartment dense<0> : tensor<1xi16>
      {bits = 8 : i64, lag = 1 : i64, scale = 2.5, weight_error = 0.125,
       synapses = 1 : i64, source = "a.nir: node 'lif'"}
  // CHECK: neurocore.route from [0, 0] to [0, 5] messages 1 path [0, 0, 0, 1]
  neurocore.route from [0, 0] to [0, 5] messages 1 path [0, 0, 0, 1]
  // CHECK: neurocore.route from [0, 5] to [0, 0] messages 0 path []
  neurocore.route from [0, 5] to [0, 0] messages 0 path []
  // CHECK: neurocore.probe "v" of population "hidden"
  neurocore.probe "v" of population "hidden"
  // CHECK: neurocore.probe "u" of core [0, 5]
  neurocore.probe "u" of core [0, 5]
}

// Long lists lie in resources.
// CHECK-LABEL: neurocore.system @empty target "manycore"
// CHECK: profile_of dense_resource<profiles> : tensor<3xi8>
neurocore.system @empty target "manycore" dt 1.0e-3 {
  neurocore.chip 0 {
    neurocore.core 1 program "lif" config {} {
      neurocore.compartments 3 profiles [{}, {}] thresholds [{}]
          profile_of dense_resource<profiles> : tensor<3xi8>
          threshold_of dense<0> : tensor<3xi8> fields {} initial {}
    }
  }
}

{-#
  dialect_resources: {
    builtin: {
      profiles: "0x01000000000100"
    }
  }
#-}
