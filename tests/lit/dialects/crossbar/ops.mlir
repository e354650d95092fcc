// RUN: hillock-opt %s | hillock-opt | FileCheck %s

// CHECK-LABEL: crossbar.chip @net target "tinyodin" dt 1.000000e-03 queue 128 sweep 3 leak
crossbar.chip @net target "tinyodin" dt 1.0e-3 queue 128 sweep 3 leak {
  // CHECK: crossbar.input "x" shape [2]
  crossbar.input "x" shape [2] first dense<[0, 1, 3]> : tensor<3xi32>
      virtual dense<[0, 1, 1]> : tensor<3xi8>
      address dense<[4, 0, 2]> : tensor<3xi8>
      weight dense<[0, -3, 7]> : tensor<3xi8>
  // CHECK: crossbar.always dense<5> : tensor<1xi8> times dense<2> : tensor<1xi32>
  crossbar.always dense<5> : tensor<1xi8> times dense<2> : tensor<1xi32>
  // CHECK: crossbar.population "fc" program "tinyodin_lif" shape [2]
  // CHECK-SAME: registers {leak_str = 1 : i32, thr = dense<[5, 6]> : tensor<2xi32>}
  crossbar.population "fc" program "tinyodin_lif" shape [2]
      address dense<[0, 1]> : tensor<2xi8>
      registers {thr = dense<[5, 6]> : tensor<2xi32>, leak_str = 1 : i32}
  // CHECK: crossbar.population "fc_inhibitory"
  // CHECK-SAME: initial {core = -1 : i32} twin_of "fc"
  crossbar.population "fc_inhibitory" program "tinyodin_lif" shape [1]
      address dense<2> : tensor<1xi8> registers {thr = 5 : i32}
      initial {core = -1 : i32} twin_of "fc"
  // CHECK: crossbar.synapses sources dense<[4, 5]>
  crossbar.synapses sources dense<[4, 5]> : tensor<2xi8>
      weights dense<[3, 7, -8, 1, 0, 0]> : tensor<6xi8>
  // CHECK: crossbar.output "y" shape [2]
  crossbar.output "y" shape [2] address dense<[0, 1]> : tensor<2xi8>
}
