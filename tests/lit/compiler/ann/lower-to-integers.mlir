// RUN: hillock-opt %s --ann-lower-to-integers | FileCheck %s

// The same numbers as in tests/unit/compiler/ann/IntegersTest.cpp: biases over
// 1/60 and 1/120; multipliers 1/12 and 1/24, that is 1431655765 / 2^34 and
// 2^35.

// CHECK-LABEL: ann.network @small
// CHECK-SAME: integer
ann.network @small quantized {
  %x = ann.input "x" : tensor<2xf32>
  // CHECK: ann.quantize {{.*}}result_zero = -8 : i32
  // CHECK-SAME: tensor<2xi4>
  %q = ann.quantize %x : (tensor<2xf32>) -> tensor<2x!quant.uniform<i4:f32, 0.066666666666666666:-8>>
  // CHECK: ann.linear
  // CHECK-SAME: bias = dense<[30, -120]> : tensor<2xi32>
  // CHECK-SAME: low = -8 : i32
  // CHECK-SAME: multipliers = array<i32: 1431655765, 1431655765>
  // CHECK-SAME: shifts = array<i32: 34, 35>
  // CHECK-SAME: weight_format = "int4"
  %y = ann.linear %q {
    weights = dense<[[4, -2], [2, 0]]> : tensor<2x2xi8>,
    weight_type = !quant.uniform<i4:f32:0, {0.25, 0.125}>,
    bias = dense<[0.5, -1.0]> : tensor<2xf64>, clamp_low = 0.0 : f32, name = "fc"
  } : (tensor<2x!quant.uniform<i4:f32, 0.066666666666666666:-8>>) -> tensor<2x!quant.uniform<i4:f32, 0.2:-8>>
  ann.output "y", %y : tensor<2x!quant.uniform<i4:f32, 0.2:-8>>
}
