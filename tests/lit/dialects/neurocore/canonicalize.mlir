// What can be dropped is dropped, and nothing else.
// RUN: hillock-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: neurocore.system @s
neurocore.system @s target "loihi" dt 1.0e-3 {
  // CHECK-NOT: neurocore.chip 0
  neurocore.chip 0 {}
  // Core 3 goes first, then its chip has nothing left.
  // CHECK-NOT: neurocore.chip 2
  neurocore.chip 2 {
    neurocore.core 3 program "lif" config {} {
      neurocore.compartments 0 profiles [] thresholds []
          profile_of dense<> : tensor<0xi8>
          threshold_of dense<> : tensor<0xi8> fields {} initial {}
    }
  }
  // CHECK: neurocore.chip 1
  neurocore.chip 1 {
    // CHECK: neurocore.core 7
    neurocore.core 7 program "lif" config {} {
      // CHECK: neurocore.compartments 1
      neurocore.compartments 1 profiles [{}] thresholds [{}]
          profile_of dense<0> : tensor<1xi8>
          threshold_of dense<0> : tensor<1xi8> fields {} initial {}
      // The first format has no row, and no synapse has a delay.
      // CHECK: neurocore.synapses formats [#neurocore.format<bits = 4, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 3>]
      // CHECK-SAME: format_of dense<0> : tensor<1xi8>
      // CHECK-SAME: mantissas dense<32> : tensor<1xi16>
      // CHECK-NOT: delays
      neurocore.synapses
          formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>,
                   #neurocore.format<bits = 4, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 3>]
          first dense<[0, 1]> : tensor<2xi32>
          format_of dense<1> : tensor<1xi8> targets dense<0> : tensor<1xi16>
          mantissas dense<32> : tensor<1xi16> delays dense<0> : tensor<1xi8>
      // CHECK: neurocore.axon_in
      neurocore.axon_in types dense<0> : tensor<1xi8>
          first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16>
          cx_base dense<0> : tensor<1xi16>
      // CHECK: neurocore.axon_out
      neurocore.axon_out first dense<[0, 1]> : tensor<2xi32>
          types dense<0> : tensor<1xi8> chip dense<1> : tensor<1xi32>
          core dense<7> : tensor<1xi32> axon dense<0> : tensor<1xi16>
          atom dense<0> : tensor<1xi16>
    }
    // Alone it does nothing, but somebody may look at it.
    // CHECK: neurocore.core 8
    neurocore.core 8 program "lif" config {} {
      neurocore.compartments 1 profiles [{}] thresholds [{}]
          profile_of dense<0> : tensor<1xi8>
          threshold_of dense<0> : tensor<1xi8> fields {} initial {}
    }
  }
  // CHECK: neurocore.route from [1, 7] to [1, 7] messages 1
  neurocore.route from [1, 7] to [1, 7] messages 1 path []
  // CHECK-NOT: neurocore.route
  neurocore.route from [1, 7] to [1, 8] messages 0 path []
}
