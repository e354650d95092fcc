// Every message of the dialect.
// RUN: hillock-opt %s --split-input-file --verify-diagnostics > /dev/null

// Types.

// expected-error@+1 {{a population has 1 to 4 axes, not 5}}
module attributes {snn.a = !snn.spikes<1x1x1x1x1>} {}

// -----

// expected-error@+1 {{an axis of a population has size 0; it must be positive}}
module attributes {snn.a = !snn.spikes<2x0>} {}

// -----

// expected-error@+1 {{a population of more than 2^31 neurons}}
module attributes {snn.a = !snn.spikes<65536x65536>} {}

// -----

// expected-error@+1 {{a population has 1 to 4 axes, not 0}}
module attributes {snn.a = !snn.graded<f32>} {}

// -----

// expected-error@+1 {{element type 'index' is neither f32, f64 nor a signless integer}}
module attributes {snn.a = !snn.graded<2xindex>} {}

// -----

// expected-error@+1 {{an axis of a population has size 0; it must be positive}}
module attributes {snn.a = !snn.current<0xf32>} {}

// -----

// expected-error@+1 {{element type 'si8' is neither f32, f64 nor a signless integer}}
module attributes {snn.a = !snn.current<2xsi8>} {}

// -----

// Attributes.

// expected-error@+1 {{refractory is a number of steps, not -1}}
module attributes {snn.a = #snn.conventions<integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = -1, multi = false, clamp = 0>} {}

// -----

// expected-error@+1 {{clamp is a multiple of -v_threshold, at least 0, not -2}}
module attributes {snn.a = #snn.conventions<integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = -2>} {}

// -----

// expected-error@+1 {{several spikes a step need reset = subtract}}
module attributes {snn.a = #snn.conventions<integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = true, clamp = 0>} {}

// -----

// expected-error@+1 {{weights have 1 to 16 bits, not 17}}
module attributes {snn.a = #snn.format<bits = 17, shift = 0, sign = mixed>} {}

// -----

// expected-error@+1 {{shift 32 is outside -31..31}}
module attributes {snn.a = #snn.format<bits = 8, shift = 32, sign = mixed>} {}

// -----

// Networks.

// expected-error@+1 {{dt must be positive}}
snn.network @n dt 0.0 time_unit 1.0 {

}

// -----

// expected-error@+1 {{time_unit must not be negative}}
snn.network @n dt 1.0 time_unit -1.0 {

}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  // expected-error@+1 {{'builtin.module' op is not an op of the snn dialect}}
  builtin.module {}
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  // expected-error@+1 {{symbol's parent must have the SymbolTable trait}}
  snn.network @m dt 1.0 time_unit 1.0 {}
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{has the name of another port: 'x'}}
  %y = snn.input "x" : !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  snn.output "x", %x : !snn.spikes<4>
  // expected-error@+1 {{has the name of another port: 'x'}}
  snn.output "x", %x : !snn.spikes<4>
}

// -----

// expected-error@+1 {{has a cycle without a delay of at least one step on it}}
snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  %s = snn.sum %x, %s : (!snn.spikes<4>, !snn.spikes<4>) -> !snn.spikes<4>
}

// -----

// Projections.

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{weights has shape 4x2, expected 2x4}}
  %c = snn.dense %x weights dense<1.0> : tensor<4x2xf32>    : (!snn.spikes<4>) -> !snn.current<2xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{start is a step, not -1}}
  %c = snn.dense %x weights dense<1.0> : tensor<2x4xf32>   {start = -1 : i64} : (!snn.spikes<4>) -> !snn.current<2xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{has a format, so its weights must be integers, not 'f32'}}
  %c = snn.dense %x weights dense<1.0> : tensor<2x4xf32>  format <bits = 8, shift = 6, sign = mixed>  : (!snn.spikes<4>) -> !snn.current<2xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{has integer weights and needs a format}}
  %c = snn.dense %x weights dense<1> : tensor<2x4xi16>    : (!snn.spikes<4>) -> !snn.current<2xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{has a bias at the integer level; it belongs into the registers of the population}}
  %c = snn.dense %x weights dense<1> : tensor<2x4xi16> bias dense<1> : tensor<2xi16> format <bits = 8, shift = 6, sign = mixed>  : (!snn.spikes<4>) -> !snn.current<2xi32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{bias has shape 3, expected 2}}
  %c = snn.dense %x weights dense<1.0> : tensor<2x4xf32> bias dense<1.0> : tensor<3xf32>   : (!snn.spikes<4>) -> !snn.current<2xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{sources has shape 1, expected 2}}
  %c = snn.sparse %x from dense<0> : tensor<1xi32> to dense<[0, 1]> : tensor<2xi32> weights dense<1.0> : tensor<2xf32> : (!snn.spikes<4>) -> !snn.current<3xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{targets has shape 3, expected 2}}
  %c = snn.sparse %x from dense<[0, 1]> : tensor<2xi32> to dense<0> : tensor<3xi32> weights dense<1.0> : tensor<2xf32> : (!snn.spikes<4>) -> !snn.current<3xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{synapse 1 goes from neuron 4 to 1; there are 4 and 3}}
  %c = snn.sparse %x from dense<[0, 4]> : tensor<2xi32> to dense<[0, 1]> : tensor<2xi32> weights dense<1.0> : tensor<2xf32> : (!snn.spikes<4>) -> !snn.current<3xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{synapse 0 goes from neuron 0 to -1; there are 4 and 3}}
  %c = snn.sparse %x from dense<[0, 1]> : tensor<2xi32> to dense<[-1, 1]> : tensor<2xi32> weights dense<1.0> : tensor<2xf32> : (!snn.spikes<4>) -> !snn.current<3xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{weights have 3 or 4 axes, not 2}}
  %c = snn.conv %x weights dense<1.0> : tensor<3x2xf32> stride [1, 1] padding [0, 0, 0, 0] dilation [1, 1] groups 1 : (!snn.spikes<2x6x6>) -> !snn.current<3x4x4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{windows over 1 axes need an input and a result with 2 axes, got 2x6x6 and 3x4x4}}
  %c = snn.conv %x weights dense<1.0> : tensor<3x2x3xf32> stride [1] padding [0, 0] dilation [1] groups 1 : (!snn.spikes<2x6x6>) -> !snn.current<3x4x4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{stride and dilation have an entry an axis, padding two; there are 2 axes}}
  %c = snn.conv %x weights dense<1.0> : tensor<3x2x3x3xf32> stride [1, 1] padding [0, 0] dilation [1, 1] groups 1 : (!snn.spikes<2x6x6>) -> !snn.current<3x4x4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{kernel, stride and dilation are at least 1}}
  %c = snn.conv %x weights dense<1.0> : tensor<3x2x3x3xf32> stride [1, 0] padding [0, 0, 0, 0] dilation [1, 1] groups 1 : (!snn.spikes<2x6x6>) -> !snn.current<3x4x4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{padding is negative}}
  %c = snn.conv %x weights dense<1.0> : tensor<3x2x3x3xf32> stride [1, 1] padding [0, 0, 0, -1] dilation [1, 1] groups 1 : (!snn.spikes<2x6x6>) -> !snn.current<3x4x4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{axis 1 of the result has size 5, expected 4}}
  %c = snn.conv %x weights dense<1.0> : tensor<3x2x3x3xf32> stride [1, 1] padding [0, 0, 0, 0] dilation [1, 1] groups 1 : (!snn.spikes<2x6x6>) -> !snn.current<3x4x5xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{axis 0 of the result has size 4, expected -1}}
  %c = snn.conv %x weights dense<1.0> : tensor<3x2x3x3xf32> stride [1, 1] padding [0, 0, 0, 0] dilation [3, 1] groups 1 : (!snn.spikes<2x6x6>) -> !snn.current<3x4x4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{4 groups do not divide 2 and 3 channels}}
  %c = snn.conv %x weights dense<1.0> : tensor<3x2x3x3xf32> stride [1, 1] padding [0, 0, 0, 0] dilation [1, 1] groups 4 : (!snn.spikes<2x6x6>) -> !snn.current<3x4x4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{weights are for 4 from 2 channels, expected 3 from 2}}
  %c = snn.conv %x weights dense<1.0> : tensor<4x2x3x3xf32> stride [1, 1] padding [0, 0, 0, 0] dilation [1, 1] groups 1 : (!snn.spikes<2x6x6>) -> !snn.current<3x4x4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{bias has shape 4, expected 3}}
  %c = snn.conv %x weights dense<1.0> : tensor<3x2x3x3xf32> bias dense<1.0> : tensor<4xf32> stride [1, 1] padding [0, 0, 0, 0] dilation [1, 1] groups 1 : (!snn.spikes<2x6x6>) -> !snn.current<3x4x4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{has 2 channels in and 3 out}}
  %p = snn.pool sum %x kernel [2, 2] stride [2, 2] padding [0, 0, 0, 0] : (!snn.spikes<2x6x6>) -> !snn.spikes<3x3x3>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  // expected-error@+1 {{axis 0 of the result has size 2, expected 3}}
  %p = snn.pool sum %x kernel [2, 2] stride [2, 2] padding [0, 0, 0, 0] : (!snn.spikes<2x6x6>) -> !snn.spikes<2x2x3>
}

// -----

// Elementwise ops.

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{shapes differ: 4 and 3}}
  %s = snn.scale %x by dense<1.0> : tensor<1xf32> : (!snn.spikes<4>) -> !snn.current<3xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{factors has shape 3, expected one element or 4}}
  %s = snn.scale %x by dense<1.0> : tensor<3xf32> : (!snn.spikes<4>) -> !snn.current<4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{has 4 neurons in and 6 out}}
  %s = snn.flatten %x : (!snn.spikes<4>) -> !snn.spikes<6>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  // expected-error@+1 {{needs at least one input}}
  %s = snn.sum : () -> !snn.spikes<6>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{shapes differ: 4 and 2x2}}
  %s = snn.sum %x : (!snn.spikes<4>) -> !snn.spikes<2x2>
}

// -----

// Delays.

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{steps are integers, not 'f32'}}
  %d = snn.delay %x steps dense<1.0> : tensor<1xf32> : !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{steps has shape 3, expected one element or 4}}
  %d = snn.delay %x steps dense<1> : tensor<3xi64> : !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{a delay of -1 steps}}
  %d = snn.delay %x steps dense<[0, 1, -1, 2]> : tensor<4xi64> : !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{a delay of 1048577 steps; at most 1048576}}
  %d = snn.delay %x steps dense<1048577> : tensor<1xi64> : !snn.spikes<4>
}

// -----

// Populations.

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{shapes differ: 4 and 3}}
  %v = snn.neurons lif %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<1.0> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_leak = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>, v_reset = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<3>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{of kind lif needs tau_mem}}
  %v = snn.neurons lif %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {r = dense<1.0> : tensor<4xf64>, v_leak = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>, v_reset = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{of kind if does not take tau_mem}}
  %v = snn.neurons if %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<1.0> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_leak = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>, v_reset = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{of kind cuba_lif needs tau_syn}}
  %v = snn.neurons cuba_lif %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<1.0> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_leak = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>, v_reset = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{of kind lif does not take tau_syn}}
  %v = snn.neurons lif %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<1.0> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_leak = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>, v_reset = dense<1.0> : tensor<4xf64>, tau_syn = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{of kind threshold does not take r}}
  %v = snn.neurons threshold %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {r = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{of kind lif needs v_leak}}
  %v = snn.neurons lif %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<1.0> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>, v_reset = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{of kind li does not take v_threshold}}
  %v = snn.neurons li %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<1.0> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_leak = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>, v_reset = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{of kind lif needs v_reset}}
  %v = snn.neurons lif %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<1.0> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_leak = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{of kind cuba_lif needs w_in}}
  %v = snn.neurons cuba_lif %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<1.0> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_leak = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>, v_reset = dense<1.0> : tensor<4xf64>, tau_syn = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{r has shape 3, expected 4}}
  %v = snn.neurons lif %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<1.0> : tensor<4xf64>, r = dense<1.0> : tensor<3xf64>, v_leak = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>, v_reset = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{tau_mem[2] is 0.000000e+00; a time constant must be positive}}
  %v = snn.neurons lif %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<[1.0, 2.0, 0.0, 1.0]> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_leak = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>, v_reset = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{of kind lif puts out spikes}}
  %v = snn.neurons lif %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<1.0> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_leak = dense<1.0> : tensor<4xf64>, v_threshold = dense<1.0> : tensor<4xf64>, v_reset = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.graded<4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{of kind li puts out graded values}}
  %v = snn.neurons li %x conventions <integrator = euler, order = integrate_fire, reset = zero, compare = strict, refractory = 0, multi = false, clamp = 0> {tau_mem = dense<1.0> : tensor<4xf64>, r = dense<1.0> : tensor<4xf64>, v_leak = dense<1.0> : tensor<4xf64>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{shapes differ: 4 and 5}}
  %p = snn.population "lif" %x registers {} initial {} : (!snn.spikes<4>) -> !snn.spikes<5>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{'vth' is neither an integer nor an i32 tensor}}
  %p = snn.population "lif" %x registers {vth = 1.0} initial {} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{'vth' is neither an integer nor an i32 tensor}}
  %p = snn.population "lif" %x registers {vth = dense<1> : tensor<4xi16>} initial {} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{v has shape 3, expected 4}}
  %p = snn.population "lif" %x registers {} initial {v = dense<1> : tensor<3xi32>} : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{reads out a state, which is graded i32, not '!snn.spikes<4>'}}
  %p = snn.population "lif" %x registers {} initial {} readout "v" : (!snn.spikes<4>) -> !snn.spikes<4>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{reads out a state, which is graded i32, not '!snn.graded<4xf32>'}}
  %p = snn.population "lif" %x registers {} initial {} readout "v" : (!snn.spikes<4>) -> !snn.graded<4xf32>
}

// -----

snn.network @n dt 1.0 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<4>
  // expected-error@+1 {{reads out a state, which leads to outputs only, not to snn.delay}}
  %p = snn.population "lif" %x registers {} initial {} readout "v" : (!snn.spikes<4>) -> !snn.graded<4xi32>
  %d = snn.delay %p steps dense<1> : tensor<1xi64> : !snn.graded<4xi32>
}
