// RUN: hillock-opt %s -split-input-file -verify-diagnostics

crossbar.chip @net target "tinyodin" dt 0.0 queue 128 sweep 2 {
  crossbar.population "a" program "tinyodin_lif" shape [1]
      address dense<1> : tensor<1xi8> registers {thr = 5 : i32}
  // expected-error@+1 {{address 1 is used twice or is not swept}}
  crossbar.population "b" program "tinyodin_lif" shape [1]
      address dense<1> : tensor<1xi8> registers {thr = 5 : i32}
}

// -----

crossbar.chip @net target "tinyodin" dt 0.0 queue 128 sweep 1 {
  // expected-error@+1 {{address has 2 elements, expected 1}}
  crossbar.population "a" program "tinyodin_lif" shape [1]
      address dense<[0, 1]> : tensor<2xi8> registers {thr = 5 : i32}
}

// -----

crossbar.chip @net target "tinyodin" dt 0.0 queue 128 sweep 1 {
  crossbar.population "a" program "tinyodin_lif" shape [1]
      address dense<0> : tensor<1xi8> registers {thr = 5 : i32}
  // expected-error@+1 {{event 0 at address 0: the row is that of a neuron}}
  crossbar.input "x" shape [1] first dense<[0, 1]> : tensor<2xi32>
      virtual dense<0> : tensor<1xi8> address dense<0> : tensor<1xi8>
      weight dense<0> : tensor<1xi8>
}

// -----

crossbar.chip @net target "tinyodin" dt 0.0 queue 128 sweep 1 {
  // expected-error@+1 {{virtual is 1 with a weight that is not 0}}
  crossbar.input "x" shape [1] first dense<[0, 1]> : tensor<2xi32>
      virtual dense<1> : tensor<1xi8> address dense<0> : tensor<1xi8>
      weight dense<0> : tensor<1xi8>
}

// -----

crossbar.chip @net target "tinyodin" dt 0.0 queue 128 sweep 2 {
  // expected-error@+1 {{weights has 3 elements, expected 2}}
  crossbar.synapses sources dense<4> : tensor<1xi8>
      weights dense<[3, 7, 1]> : tensor<3xi8>
}

// -----

crossbar.chip @net target "tinyodin" dt 0.0 queue 128 sweep 2 {
  // expected-error@+1 {{no neuron is at address 1}}
  crossbar.output "y" shape [1] address dense<1> : tensor<1xi8>
}

// -----

crossbar.chip @net target "tinyodin" dt 0.0 queue 128 sweep 2 {
  crossbar.synapses sources dense<4> : tensor<1xi8>
      weights dense<[3, 7]> : tensor<2xi8>
  // expected-error@+1 {{is the second crossbar of the chip}}
  crossbar.synapses sources dense<5> : tensor<1xi8>
      weights dense<[3, 7]> : tensor<2xi8>
}
