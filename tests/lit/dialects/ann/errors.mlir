// RUN: hillock-opt %s --split-input-file --verify-diagnostics

ann.network @float_behind_the_input integer {
  %x = ann.input "x" : tensor<4xf32>
  %q = ann.quantize %x {scale = 0.5 : f64, result_zero = 0 : i32} : (tensor<4xf32>) -> tensor<4xi4>
  // expected-error @+1 {{result 'tensor<4xf32>' is a real number behind the input of the integer level}}
  %y = ann.clip %q {low = -8 : i32, high = 7 : i32} : (tensor<4xi4>) -> tensor<4xf32>
  ann.output "y", %y : tensor<4xf32>
}

// -----

ann.network @input_that_is_not_quantized integer {
  %x = ann.input "x" : tensor<4xf32>
  // expected-error @+1 {{reads the real input; only ann.quantize may}}
  %y = ann.clip %x : (tensor<4xf32>) -> tensor<4xi4>
  ann.output "y", %y : tensor<4xi4>
}

// -----

ann.network @real_clamp integer {
  %x = ann.input "x" : tensor<4xf32>
  %q = ann.quantize %x {scale = 0.5 : f64, result_zero = 0 : i32} : (tensor<4xf32>) -> tensor<4xi4>
  // expected-error @+1 {{clamps to real numbers at the integer level}}
  %y = ann.clip %q {clamp_low = 0.0 : f32} : (tensor<4xi4>) -> tensor<4xi4>
  ann.output "y", %y : tensor<4xi4>
}

// -----

ann.network @real_weights integer {
  %x = ann.input "x" : tensor<2xf32>
  %q = ann.quantize %x {scale = 0.5 : f64, result_zero = 0 : i32} : (tensor<2xf32>) -> tensor<2xi4>
  // expected-error @+1 {{has weights of type 'f32' at the integer level}}
  %y = ann.linear %q {weights = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : (tensor<2xi4>) -> tensor<1xi32>
  ann.output "y", %y : tensor<1xi32>
}

// -----

ann.network @not_quantized quantized {
  %x = ann.input "x" : tensor<4xf32>
  %q = ann.quantize %x : (tensor<4xf32>) -> tensor<4x!quant.uniform<i4:f32, 0.5>>
  // expected-error @+1 {{has no quantized element type}}
  %y = ann.reshape %q : (tensor<4x!quant.uniform<i4:f32, 0.5>>) -> tensor<4xf32>
  ann.output "y", %y : tensor<4xf32>
}

// -----

// expected-error @+1 {{has 0 inputs and 0 outputs}}
ann.network @empty real {
}

