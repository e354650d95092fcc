// RUN: hillock-opt %s --snn-quantize-to-loihi | FileCheck %s
// RUN: hillock-opt %s --snn-quantize-to-loihi --snn-map-to-neurocore | FileCheck %s --check-prefix=CORE

// A LIF neuron with dt/tau = 1/16: the membrane keeps 15/16, that is a decay of
// 256/4096; the current is memoryless (4095 with dsOffset 1). The weight 0.5
// and the threshold 1 share a scale, so the threshold is twice the current of
// one spike.
#nir = #snn.conventions<integrator = euler, order = integrate_fire, reset = value, compare = strict, refractory = 0, multi = false, clamp = 0>

snn.network @lif dt 1.0 time_unit 0.0 {
  %x = snn.input "x" : !snn.spikes<2>
  %c = snn.dense %x weights dense<[[0.5, 0.25]]> : tensor<1x2xf32> : (!snn.spikes<2>) -> !snn.current<1xf32>
  %s = snn.neurons lif %c conventions #nir {name = "lif", tau_mem = dense<16.0> : tensor<1xf64>, r = dense<16.0> : tensor<1xf64>, v_leak = dense<0.0> : tensor<1xf64>, v_threshold = dense<1.0> : tensor<1xf64>, v_reset = dense<0.0> : tensor<1xf64>} : (!snn.current<1xf32>) -> !snn.spikes<1>
  snn.output "y", %s : !snn.spikes<1>
}

// CHECK-LABEL: snn.network @lif
// CHECK: snn.population "loihi1_compartment"
// CHECK-SAME: decay_u = 4095 : i32
// CHECK-SAME: decay_v = 256 : i32
// CHECK-SAME: refract_delay = 1 : i32
// CHECK: snn.delay {{.*}} steps dense<1>
// CHECK: snn.dense {{.*}} weights dense<{{\[}}[255, 128]]> : tensor<1x2xi16> format <bits = 8, shift = {{[0-9]+}}, sign = excitatory>
// CHECK: snn.output "y", {{.*}} {lag = 1 : i64}

// CORE: neurocore.system @lif
// CORE: neurocore.core
// CORE: neurocore.axon_in
