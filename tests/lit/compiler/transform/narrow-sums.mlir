// RUN: hillock-opt %s --snn-quantize-to-loihi=weight-bits=4 | FileCheck %s

#nir = #snn.conventions<integrator = euler, order = integrate_fire, reset = value, compare = strict, refractory = 0, multi = false, clamp = 0>

// A sum of flattened convolutions: eight channels of one pixel and two of four.
// No row of neurons has weights of its own in both, so there is one threshold.
snn.network @pixels dt 1.0 time_unit 0.0 {
  %x = snn.input "x" : !snn.spikes<1x2x2>
  %a = snn.conv %x weights dense<[[[[0.25, 0.25], [0.25, 0.25]]], [[[0.5, 0.5], [0.5, 0.5]]], [[[0.1, 0.1], [0.1, 0.1]]], [[[0.2, 0.2], [0.2, 0.2]]], [[[0.3, 0.3], [0.3, 0.3]]], [[[0.4, 0.4], [0.4, 0.4]]], [[[0.35, 0.35], [0.35, 0.35]]], [[[0.45, 0.45], [0.45, 0.45]]]]> : tensor<8x1x2x2xf32> stride [1, 1] padding [0, 0, 0, 0] dilation [1, 1] groups 1 : (!snn.spikes<1x2x2>) -> !snn.current<8x1x1xf32>
  %b = snn.conv %x weights dense<[[[[0.3]]], [[[0.7]]]]> : tensor<2x1x1x1xf32> stride [1, 1] padding [0, 0, 0, 0] dilation [1, 1] groups 1 : (!snn.spikes<1x2x2>) -> !snn.current<2x2x2xf32>
  %fa = snn.flatten %a : (!snn.current<8x1x1xf32>) -> !snn.current<8xf32>
  %fb = snn.flatten %b : (!snn.current<2x2x2xf32>) -> !snn.current<8xf32>
  %c = snn.sum %fa, %fb : (!snn.current<8xf32>, !snn.current<8xf32>) -> !snn.current<8xf32>
  %s = snn.neurons if %c conventions #nir {name = "s", r = dense<1.0> : tensor<8xf64>, v_threshold = dense<1.0> : tensor<8xf64>, v_reset = dense<0.0> : tensor<8xf64>} : (!snn.current<8xf32>) -> !snn.spikes<8>
  snn.output "y", %s : !snn.spikes<8>
}

// CHECK-LABEL: snn.network @pixels
// CHECK: snn.population "loihi1_compartment"
// CHECK-SAME: vth = {{[0-9]+}} : i32

// Two convolutions with the same pixels: two rows, a channel each.
snn.network @channels dt 1.0 time_unit 0.0 {
  %x = snn.input "x" : !snn.spikes<1x2x2>
  %a = snn.conv %x weights dense<[[[[0.31]]], [[[0.071]]]]> : tensor<2x1x1x1xf32> stride [1, 1] padding [0, 0, 0, 0] dilation [1, 1] groups 1 : (!snn.spikes<1x2x2>) -> !snn.current<2x2x2xf32>
  %b = snn.conv %x weights dense<[[[[0.17]]], [[[0.053]]]]> : tensor<2x1x1x1xf32> stride [1, 1] padding [0, 0, 0, 0] dilation [1, 1] groups 1 : (!snn.spikes<1x2x2>) -> !snn.current<2x2x2xf32>
  %c = snn.sum %a, %b : (!snn.current<2x2x2xf32>, !snn.current<2x2x2xf32>) -> !snn.current<2x2x2xf32>
  %s = snn.neurons if %c conventions #nir {name = "s", r = dense<1.0> : tensor<2x2x2xf64>, v_threshold = dense<1.0> : tensor<2x2x2xf64>, v_reset = dense<0.0> : tensor<2x2x2xf64>} : (!snn.current<2x2x2xf32>) -> !snn.spikes<2x2x2>
  snn.output "y", %s : !snn.spikes<2x2x2>
}

// CHECK-LABEL: snn.network @channels
// CHECK: snn.population "loihi1_compartment"
// CHECK-SAME: vth = dense<{{\[\[\[}}[[A:[0-9]+]], [[A]]], {{\[}}[[A]], [[A]]{{\]\]}}, {{\[\[}}[[B:[0-9]+]], [[B]]]
