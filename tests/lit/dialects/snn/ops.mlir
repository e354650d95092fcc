// Text, generic form and bytecode hold the same network.
// RUN: hillock-opt %s | FileCheck %s
// RUN: hillock-opt %s --verify-roundtrip | FileCheck %s
// RUN: hillock-opt %s --mlir-print-op-generic | hillock-opt | FileCheck %s
// RUN: hillock-opt %s --emit-bytecode | hillock-opt | FileCheck %s

// CHECK-LABEL: snn.network @real dt 1.000000e-03 time_unit 1.000000e+00 {
snn.network @real dt 1.0e-3 time_unit 1.0 {
  // CHECK: %[[X:.*]] = snn.input "x" : !snn.spikes<2x6x6>
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // CHECK: %[[G:.*]] = snn.input "g" : !snn.graded<4xf32>
  %g = snn.input "g" : !snn.graded<4xf32>
  // CHECK: %[[C:.*]] = snn.conv %[[X]] weights dense<5.000000e-01> : tensor<4x1x3x3xf32> bias dense<1.000000e+00> : tensor<4xf32> stride [1, 2] padding [1, 0, 1, 1] dilation [1, 1] groups 2 : (!snn.spikes<2x6x6>) -> !snn.current<4x6x3xf32>
  %c = snn.conv %x weights dense<0.5> : tensor<4x1x3x3xf32> bias dense<1.0> : tensor<4xf32> stride [1, 2] padding [1, 0, 1, 1] dilation [1, 1] groups 2 : (!snn.spikes<2x6x6>) -> !snn.current<4x6x3xf32>
  // CHECK: %[[L:.*]] = snn.neurons lif %[[C]] conventions <integrator = exact, order = integrate_fire, reset = subtract, compare = not_strict, refractory = 2, multi = true, clamp = 1> {
  // CHECK-SAME: r = dense<1.000000e+00> : tensor<4x6x3xf64>
  // CHECK-SAME: tau_mem = dense<2.000000e-02> : tensor<4x6x3xf64>
  // CHECK-SAME: -> !snn.spikes<4x6x3>
  %l = snn.neurons lif %c conventions <integrator = exact, order = integrate_fire, reset = subtract, compare = not_strict, refractory = 2, multi = true, clamp = 1> {
    tau_mem = dense<0.02> : tensor<4x6x3xf64>, r = dense<1.0> : tensor<4x6x3xf64>,
    v_leak = dense<0.0> : tensor<4x6x3xf64>, v_threshold = dense<1.0> : tensor<4x6x3xf64>,
    v_reset = dense<0.0> : tensor<4x6x3xf64>} : (!snn.current<4x6x3xf32>) -> !snn.spikes<4x6x3>
  // CHECK: %[[P:.*]] = snn.pool average %[[L]] kernel [2, 3] stride [2, 3] padding [0, 0, 0, 0] : (!snn.spikes<4x6x3>) -> !snn.graded<4x3x1xf32>
  %p = snn.pool average %l kernel [2, 3] stride [2, 3] padding [0, 0, 0, 0] : (!snn.spikes<4x6x3>) -> !snn.graded<4x3x1xf32>
  // CHECK: %[[F:.*]] = snn.flatten %[[P]] : (!snn.graded<4x3x1xf32>) -> !snn.graded<12xf32>
  %f = snn.flatten %p : (!snn.graded<4x3x1xf32>) -> !snn.graded<12xf32>
  // CHECK: %[[S:.*]] = snn.scale %[[F]] by dense<2.000000e+00> : tensor<1xf32> : (!snn.graded<12xf32>) -> !snn.graded<12xf32>
  %s = snn.scale %f by dense<2.0> : tensor<1xf32> : (!snn.graded<12xf32>) -> !snn.graded<12xf32>
  // CHECK: %[[D:.*]] = snn.dense %[[S]] weights dense<1.000000e+00> : tensor<4x12xf32> bias dense<0.000000e+00> : tensor<4xf32> {start = 1 : i64} : (!snn.graded<12xf32>) -> !snn.current<4xf32>
  %d = snn.dense %s weights dense<1.0> : tensor<4x12xf32> bias dense<0.0> : tensor<4xf32> {start = 1 : i64} : (!snn.graded<12xf32>) -> !snn.current<4xf32>
  // A use before its definition.
  // CHECK: %[[R:.*]] = snn.delay %[[LI:.*]] steps dense<[1, 2, 3, 4]> : tensor<4xi64> : !snn.graded<4xf32>
  %r = snn.delay %li steps dense<[1, 2, 3, 4]> : tensor<4xi64> : !snn.graded<4xf32>
  // CHECK: %[[T:.*]] = snn.sum %[[D]], %[[R]], %[[G]] : (!snn.current<4xf32>, !snn.graded<4xf32>, !snn.graded<4xf32>) -> !snn.current<4xf32>
  %t = snn.sum %d, %r, %g : (!snn.current<4xf32>, !snn.graded<4xf32>, !snn.graded<4xf32>) -> !snn.current<4xf32>
  // CHECK: %[[LI]] = snn.neurons li %[[T]] conventions <integrator = euler, order = fire_integrate, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0>
  %li = snn.neurons li %t conventions <integrator = euler, order = fire_integrate, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {
    tau_mem = dense<0.02> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_leak = dense<0.0> : tensor<4xf64>} : (!snn.current<4xf32>) -> !snn.graded<4xf32>
  // CHECK: snn.neurons threshold %[[LI]]
  %th = snn.neurons threshold %li conventions <integrator = decay_exp_gain_euler, order = integrate_fire, reset = snntorch, compare = strict, refractory = 0, multi = false, clamp = 0> {v_threshold = dense<1.0> : tensor<4xf64>} : (!snn.graded<4xf32>) -> !snn.spikes<4>
  // CHECK: snn.output "y", %[[LI]] : !snn.graded<4xf32>
  snn.output "y", %li : !snn.graded<4xf32>
}

// CHECK-LABEL: snn.network @integer
snn.network @integer dt 1.0 time_unit 0.0 {
  // CHECK: %[[X:.*]] = snn.input "x" : !snn.spikes<3>
  %x = snn.input "x" : !snn.spikes<3>
  // CHECK: %[[D:.*]] = snn.delay %[[X]] steps dense<1> : tensor<1xi64>
  %d = snn.delay %x steps dense<1> : tensor<1xi64> : !snn.spikes<3>
  // CHECK: %[[A:.*]] = snn.dense %[[D]] weights dense_resource<w> : tensor<2x3xi16> format <bits = 8, shift = 6, sign = mixed> : (!snn.spikes<3>) -> !snn.current<2xi32>
  %a = snn.dense %d weights dense_resource<w> : tensor<2x3xi16> format <bits = 8, shift = 6, sign = mixed> : (!snn.spikes<3>) -> !snn.current<2xi32>
  // CHECK: %[[B:.*]] = snn.sparse %[[D]] from dense<[0, 2, 2]> : tensor<3xi32> to dense<[1, 0, 0]> : tensor<3xi32> weights dense<[2, 4, 6]> : tensor<3xi16> format <bits = 4, shift = -1, sign = excitatory> {start = 2 : i64} : (!snn.spikes<3>) -> !snn.current<2xi32>
  %b = snn.sparse %d from dense<[0, 2, 2]> : tensor<3xi32> to dense<[1, 0, 0]> : tensor<3xi32> weights dense<[2, 4, 6]> : tensor<3xi16> format <bits = 4, shift = -1, sign = excitatory> {start = 2 : i64} : (!snn.spikes<3>) -> !snn.current<2xi32>
  // CHECK: %[[S:.*]] = snn.sum %[[A]], %[[B]]
  %s = snn.sum %a, %b : (!snn.current<2xi32>, !snn.current<2xi32>) -> !snn.current<2xi32>
  // CHECK: %[[P:.*]] = snn.population "loihi1_compartment" %[[S]] registers {decay_u = 4095 : i32, vth = dense<[10, 20]> : tensor<2xi32>} initial {v = -3 : i32} {kind = "lif", name = "hidden"} : (!snn.current<2xi32>) -> !snn.spikes<2>
  %p = snn.population "loihi1_compartment" %s registers {decay_u = 4095 : i32, vth = dense<[10, 20]> : tensor<2xi32>} initial {v = -3 : i32} {name = "hidden", kind = "lif"} : (!snn.current<2xi32>) -> !snn.spikes<2>
  // CHECK: snn.output "y", %[[P]] {lag = 1 : i64} : !snn.spikes<2>
  snn.output "y", %p {lag = 1 : i64} : !snn.spikes<2>
  // CHECK: %[[V:.*]] = snn.population "loihi1_compartment" %[[S]] registers {} initial {} readout "v" {name = "membrane"} : (!snn.current<2xi32>) -> !snn.graded<2xi32>
  %v = snn.population "loihi1_compartment" %s registers {} initial {} readout "v" {name = "membrane"} : (!snn.current<2xi32>) -> !snn.graded<2xi32>
  // CHECK: %[[F:.*]] = snn.flatten %[[V]]
  %f = snn.flatten %v : (!snn.graded<2xi32>) -> !snn.graded<1x2xi32>
  // CHECK: snn.output "z", %[[F]] : !snn.graded<1x2xi32>
  snn.output "z", %f : !snn.graded<1x2xi32>
}

// CHECK-LABEL: snn.network @line
snn.network @line dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x8>
  // A convolution over one axis.
  // CHECK: snn.conv {{.*}} stride [2] padding [1, 0] dilation [2] groups 1
  %c = snn.conv %x weights dense<1.0> : tensor<3x2x3xf32> stride [2] padding [1, 0] dilation [2] groups 1 : (!snn.spikes<2x8>) -> !snn.current<3x3xf32>
  snn.output "y", %c : !snn.current<3x3xf32>
}

// CHECK: w: "0x020000000100FFFF02000300FEFF0500"
{-#
  dialect_resources: {
    builtin: {
      w: "0x020000000100FFFF02000300FEFF0500"
    }
  }
#-}
